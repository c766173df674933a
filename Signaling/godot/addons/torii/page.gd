extends RefCounted
## What the web page needs besides what Godot puts into it.

## Run once in the page, before any data channel is made. It may also stand in the page by itself, as a file that the
## export's head include names, where the page's security policy forbids eval; it is then not run again.
##
## Godot names the option of unreliable channels maxPacketLifetime. The Web's name is maxPacketLifeTime, and a browser
## ignores what it does not know: all that a page sends would be reliable, and one lost packet hold up all the later ones.
## For the 1 ms that Godot asks for maxRetransmits stands instead: what it means is "never again", and Firefox 153 repeats
## what is lost whatever lifetime it was given.
##
## Godot gives a connection up as soon as it is "disconnected", which after some seconds of bad reception it is, and mostly
## not for long. What browsers give up themselves is "failed", and the gateway waits longer than they.
const SOURCE := r"""
(() => {
  if (globalThis.toriiPage) return;

  const { createDataChannel } = RTCPeerConnection.prototype;
  const limit = (lifetime) => lifetime <= 1 ? { maxRetransmits: 0 } : { maxPacketLifeTime: lifetime };
  RTCPeerConnection.prototype.createDataChannel = function (label, options) {
    const { maxPacketLifetime, ...rest } = options ?? {};
    const isMeant = maxPacketLifetime !== undefined && !('maxPacketLifeTime' in rest || 'maxRetransmits' in rest);
    return createDataChannel.call(this, label, isMeant ? { ...rest, ...limit(maxPacketLifetime) } : rest);
  };

  const state = Object.getOwnPropertyDescriptor(RTCPeerConnection.prototype, 'connectionState');
  Object.defineProperty(RTCPeerConnection.prototype, 'connectionState', {
    ...state,
    get() {
      const now = state.get.call(this);
      return now === 'disconnected' ? 'connected' : now;
    },
  });

  globalThis.toriiPage = {};
})();
"""

## Has to come before the connection's channels. Does nothing outside of a web export.
static func prepare() -> void:
	if not OS.has_feature("web") or _is_prepared():
		return
	JavaScriptBridge.eval(SOURCE, true)
	if not _is_prepared():
		push_warning("The page forbids eval, so what it sends unreliably is reliable: Deploy/godot.md says what helps.")


## `https://host` of the page; empty outside of a web export.
static func origin() -> String:
	return str(JavaScriptBridge.eval("location.origin", true)) if OS.has_feature("web") else ""


static func _is_prepared() -> bool:
	return JavaScriptBridge.get_interface("toriiPage") != null
