extends Node
## One player's session at a gateway, from the offer to the last words. It stands under the root of the scene tree, as its
## requests have to, and goes when the session is over: also when nobody holds the peer any more.

signal joined
signal failed(reason: String)
signal left(reason: String)

const Gateway := preload("gateway.gd")
const Page := preload("page.gd")

## For what is asked when the session is over, in seconds.
const PATIENCE := 3.0

enum Phase {
	## Until the gateway has answered: each request has the deadline.
	ASKING,
	## Between the two requests, until the browser has its offer.
	OFFERING,
	## Until the data channels are open.
	CONNECTING,
	PLAYING,
	## Nothing is awaited but the gateway's last words.
	OVER,
}

var _phase := Phase.ASKING
var _gateway := Gateway.new()
var _connection: WebRTCPeerConnection
# Weak, so that a peer nobody uses any more is gone, and the player with it.
var _peer: WeakRef
var _peer_id := 0
var _url := ""
var _token := ""
var _timeout := 0.0
# In milliseconds of Time.get_ticks_msec().
var _deadline := 0
# The session's URL, once there is one that was not ended yet.
var _location := ""
var _was_cut := false
var _is_posting := false
var _has_left := false


func begin(peer: WebRTCMultiplayerPeer, url: String, token: String, timeout: float) -> void:
	_peer = weakref(peer)
	_peer_id = peer.get_unique_id()
	_url = url
	_token = token
	_timeout = timeout
	peer.peer_disconnected.connect(_cut)


## No reason is given to who leaves by itself.
func leave() -> void:
	_has_left = true
	if _phase == Phase.OVER:
		return
	_phase = Phase.OVER
	if _connection != null:
		_connection.close()
	_bid_farewell()


func _ready() -> void:
	name = "ToriiSession"
	# A game that is paused goes on for everybody else.
	process_mode = PROCESS_MODE_ALWAYS
	add_child(_gateway)
	if _phase == Phase.OVER:
		return
	_deadline = Time.get_ticks_msec() + roundi(1000 * _timeout)
	_join()


func _process(_delta: float) -> void:
	if _phase == Phase.OVER:
		return
	if _is_abandoned():
		leave()
		return
	var peer: WebRTCMultiplayerPeer = _peer.get_ref()
	if _connection != null:
		_connection.poll()
	match _phase:
		Phase.PLAYING:
			if _was_cut:
				_end("The connection was lost.")
		Phase.CONNECTING:
			if peer.get_connection_status() == MultiplayerPeer.CONNECTION_CONNECTED:
				_phase = Phase.PLAYING
				joined.emit()
			elif not peer.has_peer(MultiplayerPeer.TARGET_PEER_SERVER):
				_end("No connection came about: neither UDP nor TCP gets through.")
			elif Time.get_ticks_msec() > _deadline:
				_end(_late_words())
		Phase.OFFERING:
			if Time.get_ticks_msec() > _deadline:
				_end("The browser made no connection in time.")


func _join() -> void:
	if not _gateway.locate(_url, _token):
		_end("\"%s\" is no URL of a route; one looks like https://play.example.org/join/world." % _url)
		return
	_connection = _make_connection()
	if _connection == null:
		_end("This Godot has no WebRTC: native players join the game server itself, or need the webrtc-native extension.")
		return
	Page.prepare()
	var servers: Array[Dictionary] = []
	var response := await _gateway.ask_for_ice_servers(servers, _seconds_left())
	if _phase == Phase.OVER or _is_abandoned():
		return
	if response.status == 0:
		_end(response.refusal)
	else:
		_offer(servers)


func _offer(servers: Array[Dictionary]) -> void:
	_phase = Phase.OFFERING
	var peer: WebRTCMultiplayerPeer = _peer.get_ref()
	_connection.session_description_created.connect(_post)
	var error := _connection.initialize({"iceServers": servers})
	if error == OK:
		error = peer.add_peer(_connection, MultiplayerPeer.TARGET_PEER_SERVER)
	if error == OK:
		error = _connection.create_offer()
	if error != OK:
		_end("The browser made no connection: %s." % error_string(error))


func _post(type: String, sdp: String) -> void:
	if _phase == Phase.OVER:
		return
	_phase = Phase.ASKING
	_connection.set_local_description(type, sdp)
	_is_posting = true
	var answer := await _gateway.offer(_peer_id, sdp, _seconds_left())
	_is_posting = false
	if answer.status == 201:
		_location = _gateway.session_of(answer)
	if _phase == Phase.OVER:
		_bid_farewell()
	elif answer.status != 201:
		_end(answer.refusal)
	else:
		_phase = Phase.CONNECTING
		_connection.set_remote_description("answer", answer.body)


## Nobody holds the peer any more, or it was closed here.
func _is_abandoned() -> bool:
	var peer: WebRTCMultiplayerPeer = _peer.get_ref()
	return peer == null or (peer.get_connection_status() == MultiplayerPeer.CONNECTION_DISCONNECTED and not _was_cut)


## The other side ended it, or nothing came of it; the gateway may know better why.
func _end(reason: String) -> void:
	var was_playing := _phase == Phase.PLAYING
	_phase = Phase.OVER
	if not _location.is_empty():
		var words := await _gateway.last_words(_location, PATIENCE)
		reason = reason if words.is_empty() else words
	if _connection != null:
		_connection.close()
	var peer: WebRTCMultiplayerPeer = _peer.get_ref()
	if peer != null:
		peer.close()
	# The MultiplayerAPI notices when it polls: its own signal, which knows no reason, comes first.
	await get_tree().process_frame
	if was_playing and not _has_left:
		left.emit(reason)
	elif not _has_left:
		failed.emit(reason)
	_bid_farewell()


func _bid_farewell() -> void:
	# The answer may name a session, which then has to be ended: whoever awaits it comes here again.
	if _is_posting:
		return
	if not _location.is_empty():
		var location := _location
		_location = ""
		await _gateway.remove(location, PATIENCE)
	queue_free()


func _cut(peer_id: int) -> void:
	_was_cut = _was_cut or peer_id == MultiplayerPeer.TARGET_PEER_SERVER


## Null where this Godot has no WebRTC: it then makes one without any function.
func _make_connection() -> WebRTCPeerConnection:
	var connection := WebRTCPeerConnection.new()
	return null if connection.get_class() == "WebRTCPeerConnectionExtension" else connection


func _late_words() -> String:
	if _connection.get_connection_state() == WebRTCPeerConnection.STATE_CONNECTED:
		return "The data channels did not open in time; is the peer the multiplayer_peer of a MultiplayerAPI?"
	return "No connection came about in time: neither UDP nor TCP gets through."


func _seconds_left() -> float:
	return (_deadline - Time.get_ticks_msec()) / 1000.0
