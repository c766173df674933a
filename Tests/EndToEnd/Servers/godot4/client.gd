## A native player of the same game, over plain ENet.
##
##   godot4 --headless -s client.gd -- --port N [--address IP] [--name NAME] [--stay] [--observe]
##     [--password WORD] [--compression none|range-coder|fastlz|zlib|zstd]
##
## Joins, says hello, calls all six pings and sends all six kinds of raw request, and ends with 0 when every answer came
## back; with 1 and a reason otherwise. With `--stay` it then remains in the world (`READY id` is printed): it answers
## every `say` of another peer, and obeys on standard input: `say TEXT`, `raw ID MODE CHANNEL TEXT`, `bring_on FIGURE`,
## `quit`.
extends "program.gd"

const PATIENCE := 10.0
const RETRY := 0.5

var _enet := ENetMultiplayerPeer.new()
var _expected := {}
var _ready_to_stay := false


func _initialize() -> void:
    var error := _enet.create_client(option("address", "127.0.0.1"), int(option("port", "0")))
    if error != OK:
        give_up("cannot start a client: %s" % error_string(error))
        return
    enter(_enet)
    world.called.connect(_called)
    world.raw_received.connect(_raw_received)
    var api := get_multiplayer() as SceneMultiplayer
    if has_option("password"):
        api.auth_callback = _answer
    api.connected_to_server.connect(_connected)
    api.connection_failed.connect(give_up.bind("the server did not answer"))
    api.server_disconnected.connect(func() -> void: give_up("the server ended the connection"))
    create_timer(PATIENCE).timeout.connect(_patience_ended)


## The server asks for the password; the answer is all that this side wants to say before it is let in.
func _answer(server: int, _question: PackedByteArray) -> void:
    var api := get_multiplayer() as SceneMultiplayer
    api.send_auth(server, option("password", "").to_utf8_buffer())
    api.complete_auth(server)


func _connected() -> void:
    # ENet drops unreliable packets, all of them in the end, while it finds the round trip slower than it was: a busy
    # machine is enough. What is tested here is what becomes of those that are sent, either way.
    _enet.get_peer(1).throttle_configure(5000, 32, 0)
    var player := option("name", "native")
    _expected["welcome [%s, %d]" % [player, get_multiplayer().get_unique_id()]] = true
    world.hello.rpc_id(1, player)


## From here on both sides know the path of the world, so that the calls have their short form, as most in a game have.
## What was lost is asked again.
func _ask() -> void:
    for mode: int in World.MODES:
        for channel in 2:
            var kind := "%s_%d" % [World.MODES[mode], channel]
            var number := 1000 * mode + channel
            if _expected.has("pong_%s [%d]" % [kind, number]):
                world.rpc_id(1, "ping_" + kind, number)
            if _expected.has("raw %s" % kind):
                var bytes := PackedByteArray([World.ECHO_REQUEST, mode, channel]) + kind.to_utf8_buffer()
                (get_multiplayer() as SceneMultiplayer).send_bytes(bytes, 1, mode, channel)
    if not _ready_to_stay:
        create_timer(RETRY).timeout.connect(_ask)


func _welcomed() -> void:
    for mode: int in World.MODES:
        for channel in 2:
            var kind := "%s_%d" % [World.MODES[mode], channel]
            _expected["pong_%s [%d]" % [kind, 1000 * mode + channel]] = true
            _expected["raw %s" % kind] = true
    _ask()


func _called(function: String, from: int, arguments: Array) -> void:
    if function == "say" and from != 1 and not (arguments[0] as String).begins_with("re: "):
        world.say.rpc_id(from, "re: %s" % arguments[0])
    elif from == 1:
        _arrived("%s %s" % [function, arguments])


func _raw_received(from: int, bytes: PackedByteArray) -> void:
    if from == 1 and bytes.size() > 3 and bytes[0] == World.ECHO_REPLY:
        _arrived("raw %s" % bytes.slice(3).get_string_from_utf8())


func _arrived(what: String) -> void:
    var was_expected := _expected.erase(what.replace("\"", ""))
    if was_expected and what.begins_with("welcome"):
        _welcomed()
    if not _expected.is_empty() or _ready_to_stay:
        return
    _ready_to_stay = true
    if has_option("stay"):
        listen_to_commands()
        print("READY %d" % get_multiplayer().get_unique_id())
    else:
        leave(0)


func _patience_ended() -> void:
    if not _ready_to_stay:
        give_up("no answer to %s" % ", ".join(_expected.keys()) if not _expected.is_empty() else "not connected in time")


func give_up(reason: String) -> void:
    if not _leaving:
        World.record("gave_up", {"reason": reason})
    leave(1)


func obey(words: PackedStringArray) -> void:
    match Array(words):
        ["say", ..]:
            world.say.rpc(" ".join(words.slice(1)))
        ["bring_on", var figure]:
            stage.bring_on.rpc_id(1, figure)
        ["raw", var id, var mode, var channel, var text]:
            var bytes := PackedByteArray([World.ECHO_REQUEST, World.MODES.find_key(mode), int(channel)])
            (get_multiplayer() as SceneMultiplayer).send_bytes(
                bytes + (text as String).to_utf8_buffer(), int(id), bytes[1] as MultiplayerPeer.TransferMode, bytes[2])
        _:
            super(words)
