class_name Torii
extends WebRTCMultiplayerPeer
## A web player's way to an ENet game server: a [MultiplayerPeer] that joins through a Torii gateway.
##
## The server stays what it is, with its [ENetMultiplayerPeer]; RPCs, spawners and synchronizers work as they do for native
## players, who need none of this:
## [codeblock]
## func _play() -> void:
##     if OS.has_feature("web"):
##         var torii := Torii.join("https://play.example.org/join/world")
##         torii.failed.connect(_show)
##         torii.left.connect(_show)
##         multiplayer.multiplayer_peer = torii
##     else:
##         var enet := ENetMultiplayerPeer.new()
##         enet.create_client("play.example.org", 7777)
##         multiplayer.multiplayer_peer = enet
## [/codeblock]
## Give the peer to [member MultiplayerAPI.multiplayer_peer] in the frame in which you get it: only there is it polled. The
## signals of [MultiplayerAPI] come as with ENet; those here also say why.
## [br][br]
## Outside of a web export it needs the [code]webrtc-native[/code] extension, and fails with a sentence that says so where
## there is none.

## The player is in: the data channels are open. At the same time as [signal MultiplayerAPI.connected_to_server].
signal joined
## The player did not get in. [param reason] is one sentence to show: the gateway's own, where it gave one. Comes after
## [signal MultiplayerAPI.connection_failed], as that has no reason.
signal failed(reason: String)
## The game is over for a player who was in: kicked, the server closed, the network gone. [param reason] is one sentence to
## show. Comes after [signal MultiplayerAPI.server_disconnected], as the gateway is asked first, and not after
## [method leave].
signal left(reason: String)

const _Session := preload("session.gd")

var _session: _Session


## Joins the server behind a gateway's route. [param url] is the route's, such as
## [code]https://play.example.org/join/world[/code]; in a web export [code]/join/world[/code] is the page's own host.
## [br][br]
## [param token] is sent as [code]Authorization: Bearer[/code], for a gateway that asks for one, or a proxy before it.
## [br]
## [param channels] are the modes of transfer channels 1, 2, …, if the game uses any: what
## [method WebRTCMultiplayerPeer.create_client] takes as [code]channels_config[/code]. What the page sends
## [constant MultiplayerPeer.TRANSFER_MODE_UNRELIABLE_ORDERED] on such a channel reaches the server as reliable.
## [br]
## [param timeout], in seconds, is how long joining may take.
static func join(
		url: String, token: String = "", channels: Array[MultiplayerPeer.TransferMode] = [], timeout: float = 15.0
) -> Torii:
	var peer := Torii.new()
	peer._begin(_Session.new(), url, token, channels, timeout)
	return peer


## Leaves the game, or gives up joining it; the server sees the player go at once. [method MultiplayerPeer.close], or giving
## [member MultiplayerAPI.multiplayer_peer] another peer, does the same.
func leave() -> void:
	if is_instance_valid(_session):
		_session.leave()
	close()


func _begin(
		session: _Session, url: String, token: String, channels: Array[MultiplayerPeer.TransferMode], timeout: float
) -> void:
	_session = session
	_session.joined.connect(joined.emit)
	_session.failed.connect(failed.emit)
	_session.left.connect(left.emit)
	create_client(generate_unique_id(), channels)
	_session.begin(self, url, token, timeout)
	# A parent that is just setting up its children takes no other at once.
	var tree := Engine.get_main_loop() as SceneTree
	tree.root.add_child.call_deferred(_session)
