## A Godot 4 game server, exactly as a game makes one: ENetMultiplayerPeer under SceneMultiplayer.
##
##   godot4 --headless -s server.gd -- [--port N] [--observe] [--no-relay] [--max-clients N]
##     [--compression none|range-coder|fastlz|zlib|zstd] [--greet]
##
## With `--greet` each player is sent 1,000 bytes at once. Prints `LISTENING port` and then one JSON line per event. Obeys on
## standard input: `kick ID`, `refuse`, `accept`, `send ID MODE CHANNEL SIZE COUNT`, `say TEXT`, `traffic` (bytes on the wire
## until now), `close`, `quit`.
extends "program.gd"

var _host: ENetConnection


func _initialize() -> void:
    var peer := ENetMultiplayerPeer.new()
    peer.set_bind_ip("127.0.0.1")
    var port := int(option("port", "0"))
    var error := peer.create_server(port, int(option("max-clients", "32")))
    if error != OK:
        printerr("cannot listen on port %d: %s" % [port, error_string(error)])
        quit(1)
        return
    (get_multiplayer() as SceneMultiplayer).server_relay = not has_option("no-relay")
    _host = peer.host
    enter(peer)
    if has_option("greet"):
        get_multiplayer().peer_connected.connect(func(id: int) -> void:
            send(id, MultiplayerPeer.TRANSFER_MODE_RELIABLE, 0, 1000, 1))
    listen_to_commands()
    print("LISTENING %d" % peer.host.get_local_port())


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
        ["say", ..]:
            world.say.rpc(" ".join(words.slice(1)))
        ["traffic"]:
            World.record("traffic", {
                "sent": _host.pop_statistic(ENetConnection.HOST_TOTAL_SENT_DATA),
                "received": _host.pop_statistic(ENetConnection.HOST_TOTAL_RECEIVED_DATA),
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
