extends RefCounted
## What the web page needs besides what Godot puts into it.

## Run once in the page, before any data channel is made. It may also stand in the page by itself, as a file that the
## export's head include names, where the page's security policy forbids eval; it is then not run again.
##
## Godot names the option of unreliable channels maxPacketLifetime. The Web's name is maxPacketLifeTime, and a browser
## ignores what it does not know: without the first part all that a page sends is reliable, and one lost packet holds up all
## the later ones. For the 1 ms that Godot asks for maxRetransmits stands instead: what it means is "never again", and
## Firefox 153 repeats what is lost whatever lifetime it was given.
##
## A tab that is closed says nothing by itself: with the second part the server need not wait for the player to be missed.
const SOURCE := r"""
(() => {
  if (globalThis.toriiPage) return;

  const { createDataChannel } = RTCPeerConnection.prototype;
  const limit = (lifetime) => lifetime <= 1 ? { maxRetransmits: 0 } : { maxPacketLifeTime: lifetime };
  RTCPeerConnection.prototype.createDataChannel = function (label, { maxPacketLifetime, ...options } = {}) {
    const isMeant = maxPacketLifetime !== undefined && !('maxPacketLifeTime' in options || 'maxRetransmits' in options);
    return createDataChannel.call(this, label, isMeant ? { ...options, ...limit(maxPacketLifetime) } : options);
  };

  const held = new Map();
  globalThis.toriiPage = {
    hold: (session, headers) => { held.set(session, headers); },
    release: (session) => { held.delete(session); },
  };
  addEventListener('pagehide', () => {
    for (const [session, headers] of held) fetch(session, { method: 'DELETE', headers, keepalive: true }).catch(() => {});
    held.clear();
  });
})();
"""


## Has to come before the connection's channels. Does nothing outside of a web export.
static func prepare() -> void:
	if not OS.has_feature("web") or _is_prepared():
		return
	JavaScriptBridge.eval(SOURCE, true)
	if not _is_prepared():
		push_warning("The page forbids eval, so what it sends unreliably is reliable: Deploy/godot.md says what helps.")


## When the page goes, so does the session at this URL.
static func hold(session: String, headers: Dictionary) -> void:
	if OS.has_feature("web"):
		JavaScriptBridge.eval("toriiPage.hold(%s, %s)" % [JSON.stringify(session), JSON.stringify(headers)], true)


## The session is over.
static func release(session: String) -> void:
	if OS.has_feature("web"):
		JavaScriptBridge.eval("toriiPage.release(%s)" % JSON.stringify(session), true)


## `https://host` of the page; empty outside of a web export.
static func origin() -> String:
	return str(JavaScriptBridge.eval("location.origin", true)) if OS.has_feature("web") else ""


static func _is_prepared() -> bool:
	return JavaScriptBridge.get_interface("toriiPage") != null
