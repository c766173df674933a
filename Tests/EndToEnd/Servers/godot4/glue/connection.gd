## A connection that is in a page: what WebRTCPeerConnectionJS is in a web export, with a WebSocket in between. The page's
## side is Pages/godot-glue.js.
extends WebRTCPeerConnectionExtension

const Channel := preload("channel.gd")

var _page: WebSocketPeer
var _state := WebRTCPeerConnection.STATE_NEW
var _channels := {}


func _init(page: WebSocketPeer) -> void:
    _page = page


## What the page tells: text is an event, bytes are a channel's id and a packet.
func take(packet: PackedByteArray, is_text: bool) -> void:
    if not is_text:
        (_channels[packet[0]] as Channel).give(packet.slice(1))
        return
    var told: Dictionary = JSON.parse_string(packet.get_string_from_utf8())
    match told["event"]:
        "session":
            session_description_created.emit(told["type"], told["sdp"])
        "connection":
            _state = told["state"] as ConnectionState
        "channel":
            (_channels[int(told["id"])] as Channel).state = told["state"] as WebRTCDataChannel.ChannelState


## Once a frame.
func send_packets() -> void:
    for id: int in _channels:
        var channel: Channel = _channels[id]
        while channel.count_sent() > 0:
            _page.send(PackedByteArray([id]) + channel.take_sent(), WebSocketPeer.WRITE_MODE_BINARY)


func _initialize(configuration: Dictionary) -> Error:
    _tell({"do": "create", "configuration": configuration})
    return OK


func _create_data_channel(label: String, options: Dictionary) -> WebRTCDataChannel:
    var channel := Channel.new()
    channel.id = options["id"]
    channel.label = label
    channel.options = options
    channel.close_in_page = _tell.bind({"do": "close channel", "id": channel.id})
    _channels[channel.id] = channel
    _tell({"do": "create channel", "label": label, "options": options})
    return channel


func _create_offer() -> Error:
    if _state != WebRTCPeerConnection.STATE_NEW:
        return FAILED
    _state = WebRTCPeerConnection.STATE_CONNECTING
    _tell({"do": "offer"})
    return OK


func _set_local_description(type: String, sdp: String) -> Error:
    _tell({"do": "local", "type": type, "sdp": sdp})
    return OK


func _set_remote_description(type: String, sdp: String) -> Error:
    _tell({"do": "remote", "type": type, "sdp": sdp})
    return OK


func _add_ice_candidate(_media: String, _index: int, _name: String) -> Error:
    return OK


func _poll() -> Error:
    return OK


func _close() -> void:
    _state = WebRTCPeerConnection.STATE_CLOSED
    _tell({"do": "close"})


func _get_connection_state() -> ConnectionState:
    return _state


func _get_gathering_state() -> GatheringState:
    return WebRTCPeerConnection.GATHERING_STATE_NEW


func _get_signaling_state() -> SignalingState:
    return WebRTCPeerConnection.SIGNALING_STATE_STABLE


func _tell(what: Dictionary) -> void:
    _page.send_text(JSON.stringify(what))
