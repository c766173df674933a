## The node both programs share, at /root/World: every `@rpc` here is part of the checksum SceneMultiplayer compares, so a
## client that is not Godot must know this list too (Pages/scene-multiplayer.js does).
##
## `ping_<mode>_<channel>` is answered by `pong_<mode>_<channel>` to the caller, in the same transfer mode and on the same
## transfer channel. Raw packets: a request 'e', mode, channel, anything… is answered by 'r' and the same bytes, sent in
## the mode and on the channel that the request names.
extends Node

const MODES := {
    MultiplayerPeer.TRANSFER_MODE_UNRELIABLE: "unreliable",
    MultiplayerPeer.TRANSFER_MODE_UNRELIABLE_ORDERED: "ordered",
    MultiplayerPeer.TRANSFER_MODE_RELIABLE: "reliable",
}
const ECHO_REQUEST := 0x65
const ECHO_REPLY := 0x72

## Emitted for each remote call, after it was logged and answered.
signal called(function: String, from: int, arguments: Array)
## Emitted for each raw packet that is not a request.
signal raw_received(from: int, bytes: PackedByteArray)


## One event, one line of JSON on standard output.
static func record(event: String, fields: Dictionary) -> void:
    var line := {"event": event}
    line.merge(fields)
    print(JSON.stringify(line, "", false))


func _ready() -> void:
    var api := multiplayer as SceneMultiplayer
    api.peer_connected.connect(func(id: int) -> void: record("peer_connected", {"id": id}))
    api.peer_disconnected.connect(func(id: int) -> void: record("peer_disconnected", {"id": id}))
    api.peer_packet.connect(_receive_raw)


func _receive_raw(from: int, bytes: PackedByteArray) -> void:
    record("raw", {"from": from, "size": bytes.size(), "head": bytes.slice(0, 32).hex_encode()})
    if bytes.size() < 3 or bytes[0] != ECHO_REQUEST or not MODES.has(int(bytes[1])):
        raw_received.emit(from, bytes)
        return
    var reply := bytes.duplicate()
    reply[0] = ECHO_REPLY
    (multiplayer as SceneMultiplayer).send_bytes(reply, from, bytes[1] as MultiplayerPeer.TransferMode, bytes[2])


func _received(function: String, arguments: Array) -> int:
    var from := multiplayer.get_remote_sender_id()
    record("rpc", {"name": function, "from": from, "arguments": arguments})
    called.emit(function, from, arguments)
    return from


## The first words: answered with the caller's own peer id, as the callee sees it.
@rpc("any_peer", "call_remote", "reliable")
func hello(player: String) -> void:
    var from := _received("hello", [player])
    welcome.rpc_id(from, player, from)


@rpc("any_peer", "call_remote", "reliable")
func welcome(player: String, id: int) -> void:
    _received("welcome", [player, id])


## A chat line, sent to everybody: between clients it travels through the server's relay.
@rpc("any_peer", "call_remote", "reliable")
func say(text: String) -> void:
    _received("say", [text])


## A position, as games send it: every frame, late ones worthless.
@rpc("any_peer", "call_remote", "unreliable_ordered")
func move(position: Vector2) -> void:
    _received("move", [position.x, position.y])


## The server ends the caller's connection.
@rpc("any_peer", "call_remote", "reliable")
func kick_me() -> void:
    var from := _received("kick_me", [])
    if multiplayer.is_server():
        (multiplayer as SceneMultiplayer).disconnect_peer.call_deferred(from)


@rpc("any_peer", "call_remote", "reliable", 0)
func ping_reliable_0(n: int) -> void:
    pong_reliable_0.rpc_id(_received("ping_reliable_0", [n]), n)


@rpc("any_peer", "call_remote", "unreliable_ordered", 0)
func ping_ordered_0(n: int) -> void:
    pong_ordered_0.rpc_id(_received("ping_ordered_0", [n]), n)


@rpc("any_peer", "call_remote", "unreliable", 0)
func ping_unreliable_0(n: int) -> void:
    pong_unreliable_0.rpc_id(_received("ping_unreliable_0", [n]), n)


@rpc("any_peer", "call_remote", "reliable", 1)
func ping_reliable_1(n: int) -> void:
    pong_reliable_1.rpc_id(_received("ping_reliable_1", [n]), n)


@rpc("any_peer", "call_remote", "unreliable_ordered", 1)
func ping_ordered_1(n: int) -> void:
    pong_ordered_1.rpc_id(_received("ping_ordered_1", [n]), n)


@rpc("any_peer", "call_remote", "unreliable", 1)
func ping_unreliable_1(n: int) -> void:
    pong_unreliable_1.rpc_id(_received("ping_unreliable_1", [n]), n)


@rpc("any_peer", "call_remote", "reliable", 0)
func pong_reliable_0(n: int) -> void:
    _received("pong_reliable_0", [n])


@rpc("any_peer", "call_remote", "unreliable_ordered", 0)
func pong_ordered_0(n: int) -> void:
    _received("pong_ordered_0", [n])


@rpc("any_peer", "call_remote", "unreliable", 0)
func pong_unreliable_0(n: int) -> void:
    _received("pong_unreliable_0", [n])


@rpc("any_peer", "call_remote", "reliable", 1)
func pong_reliable_1(n: int) -> void:
    _received("pong_reliable_1", [n])


@rpc("any_peer", "call_remote", "unreliable_ordered", 1)
func pong_ordered_1(n: int) -> void:
    _received("pong_ordered_1", [n])


@rpc("any_peer", "call_remote", "unreliable", 1)
func pong_unreliable_1(n: int) -> void:
    _received("pong_unreliable_1", [n])
