## An ENetMultiplayerPeer with a window: passes everything through and logs each packet that crosses with the transfer
## mode and channel the real peer reports. SceneMultiplayer's own signals carry neither, and they are what a gateway must
## preserve. "in" is what arrived, "out" what is handed to ENet.
extends MultiplayerPeerExtension

const World := preload("world.gd")

var inner: ENetMultiplayerPeer
var _target := 0


func _init(peer: ENetMultiplayerPeer) -> void:
    inner = peer
    inner.peer_connected.connect(_announce_connected)
    inner.peer_disconnected.connect(_announce_disconnected)


func _announce_connected(id: int) -> void:
    peer_connected.emit(id)


func _announce_disconnected(id: int) -> void:
    peer_disconnected.emit(id)


func _record(direction: String, peer: int, mode: int, channel: int, bytes: PackedByteArray) -> void:
    World.record("packet", {
        "direction": direction, "peer": peer, "mode": World.MODES[mode], "channel": channel,
        "size": bytes.size(), "head": bytes.slice(0, 160).hex_encode(),
    })


func _get_packet_script() -> PackedByteArray:
    var peer := inner.get_packet_peer()
    var mode := inner.get_packet_mode()
    var channel := inner.get_packet_channel()
    var bytes := inner.get_packet()
    _record("in", peer, mode, channel, bytes)
    return bytes


func _put_packet_script(bytes: PackedByteArray) -> Error:
    _record("out", _target, inner.transfer_mode, inner.transfer_channel, bytes)
    return inner.put_packet(bytes)


func _set_target_peer(peer: int) -> void:
    _target = peer
    inner.set_target_peer(peer)


func _get_available_packet_count() -> int:
    return inner.get_available_packet_count()


func _get_max_packet_size() -> int:
    return 1 << 24


func _get_packet_peer() -> int:
    return inner.get_packet_peer()


func _get_packet_mode() -> MultiplayerPeer.TransferMode:
    return inner.get_packet_mode()


func _get_packet_channel() -> int:
    return inner.get_packet_channel()


func _set_transfer_mode(mode: MultiplayerPeer.TransferMode) -> void:
    inner.transfer_mode = mode


func _get_transfer_mode() -> MultiplayerPeer.TransferMode:
    return inner.transfer_mode


func _set_transfer_channel(channel: int) -> void:
    inner.transfer_channel = channel


func _get_transfer_channel() -> int:
    return inner.transfer_channel


func _set_refuse_new_connections(refuse: bool) -> void:
    inner.refuse_new_connections = refuse


func _is_refusing_new_connections() -> bool:
    return inner.refuse_new_connections


func _is_server() -> bool:
    return inner.get_unique_id() == TARGET_PEER_SERVER


func _is_server_relay_supported() -> bool:
    return inner.is_server_relay_supported()


func _get_unique_id() -> int:
    return inner.get_unique_id()


func _get_connection_status() -> MultiplayerPeer.ConnectionStatus:
    return inner.get_connection_status()


func _poll() -> void:
    inner.poll()


func _disconnect_peer(peer: int, force: bool) -> void:
    inner.disconnect_peer(peer, force)


func _close() -> void:
    inner.close()
