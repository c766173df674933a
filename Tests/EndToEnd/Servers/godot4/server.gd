## A Godot 4 game server, exactly as a game makes one: ENetMultiplayerPeer under SceneMultiplayer.
##
##   godot4 --headless -s server.gd -- [--port N] [--observe] [--no-relay] [--max-clients N] [--password WORD]
##     [--compression none|range-coder|fastlz|zlib|zstd] [--greet]
##
## Prints `LISTENING port` and then one JSON line per event. With `--password` it asks each newcomer for it through
## SceneMultiplayer's authentication: a wrong one is disconnected at once, silence after SceneMultiplayer's own 3 s.
## With `--greet` each player is sent 1,000 bytes at once. Obeys on standard input: `kick ID`, `refuse`, `accept`,
## `send ID MODE CHANNEL SIZE COUNT`, `empty ID`, `say TEXT`, `traffic` (bytes on the wire until now), `close`, `quit`.
extends "program.gd"

var listening := ENetMultiplayerPeer.new()


func _initialize() -> void:
    listening.set_bind_ip("127.0.0.1")
    var port := int(option("port", "0"))
    var error := listening.create_server(port, int(option("max-clients", "32")))
    if error != OK:
        printerr("cannot listen on port %d: %s" % [port, error_string(error)])
        quit(1)
        return
    var api := get_multiplayer() as SceneMultiplayer
    api.server_relay = not has_option("no-relay")
    if has_option("password"):
        api.auth_callback = _authenticate
        api.peer_authenticating.connect(_ask_for_password)
        api.peer_authentication_failed.connect(func(id: int) -> void: World.record("stranger_left", {"id": id}))
    enter(listening)
    if has_option("greet"):
        get_multiplayer().peer_connected.connect(func(id: int) -> void:
            send(id, MultiplayerPeer.TRANSFER_MODE_RELIABLE, 0, 1000, 1))
    listen_to_commands()
    print("LISTENING %d" % listening.host.get_local_port())


func _ask_for_password(id: int) -> void:
    World.record("stranger_came", {"id": id})
    (get_multiplayer() as SceneMultiplayer).send_auth(id, "password?".to_utf8_buffer())


func _authenticate(id: int, password: PackedByteArray) -> void:
    var api := get_multiplayer() as SceneMultiplayer
    World.record("password", {"id": id, "is_right": password.get_string_from_utf8() == option("password", "")})
    if password.get_string_from_utf8() == option("password", ""):
        api.complete_auth(id)
    else:
        api.disconnect_peer(id)


func obey(words: PackedStringArray) -> void:
    var api := get_multiplayer() as SceneMultiplayer
    match Array(words):
        ["kick", var id]:
            api.disconnect_peer(int(id))
        ["refuse"]:
            api.refuse_new_connections = true
        ["accept"]:
            api.refuse_new_connections = false
        ["send", var id, var mode, var channel, var size, var count]:
            send(int(id), World.MODES.find_key(mode), int(channel), int(size), int(count))
        ["empty", var id]:
            send_empty(int(id))
        ["say", ..]:
            world.say.rpc(" ".join(words.slice(1)))
        ["traffic"]:
            World.record("traffic", {
                "sent": listening.host.pop_statistic(ENetConnection.HOST_TOTAL_SENT_DATA),
                "received": listening.host.pop_statistic(ENetConnection.HOST_TOTAL_RECEIVED_DATA),
            })
        ["close"]:
            api.multiplayer_peer.close()
        _:
            super(words)
            return
    World.record("obeyed", {"words": words})


## Sends `count` raw packets at once: 's', mode, channel, a zero, the number of the packet (u32, little-endian), zeros.
func send(to: int, mode: MultiplayerPeer.TransferMode, channel: int, size: int, count: int) -> void:
    var bytes := PackedByteArray([0x73, mode, channel, 0, 0, 0, 0, 0])
    bytes.resize(maxi(size, 8))
    for number in count:
        bytes.encode_u32(4, number)
        (get_multiplayer() as SceneMultiplayer).send_bytes(bytes, to, mode, channel)


## Packets without a byte, which SceneMultiplayer never makes but ENet carries: one in each delivery, on the ENet channels
## of transfer channel 0.
func send_empty(to: int) -> void:
    var peer := listening.get_peer(to)
    peer.send(0, PackedByteArray(), ENetPacketPeer.FLAG_RELIABLE)
    peer.send(1, PackedByteArray(), ENetPacketPeer.FLAG_UNRELIABLE_FRAGMENT)
    peer.send(1, PackedByteArray(), ENetPacketPeer.FLAG_UNSEQUENCED | ENetPacketPeer.FLAG_UNRELIABLE_FRAGMENT)
