## What server.gd and client.gd have in common: options, the world node, commands on standard input, the way out.
extends SceneTree

const World := preload("world.gd")
const Stage := preload("stage.gd")
const ObservedPeer := preload("observed_peer.gd")
const COMPRESSIONS := {
    "none": ENetConnection.COMPRESS_NONE,
    "range-coder": ENetConnection.COMPRESS_RANGE_CODER,
    "fastlz": ENetConnection.COMPRESS_FASTLZ,
    "zlib": ENetConnection.COMPRESS_ZLIB,
    "zstd": ENetConnection.COMPRESS_ZSTD,
}

var world: World
var stage: Stage
var _standard_input := Thread.new()
var _leaving := false


func option(name: String, fallback: String) -> String:
    var arguments := OS.get_cmdline_user_args()
    var at := arguments.find("--" + name)
    return arguments[at + 1] if at >= 0 and at + 1 < arguments.size() else fallback


func has_option(name: String) -> bool:
    return OS.get_cmdline_user_args().has("--" + name)


## Puts the world under the root with this peer; `--observe` shows every packet, `--compression NAME` is its host's.
func enter(peer: ENetMultiplayerPeer) -> void:
    peer.host.compress(COMPRESSIONS[option("compression", "none")])
    # Without a screen nothing else limits the frames, and the network is polled once in each.
    Engine.max_fps = 200
    get_multiplayer().multiplayer_peer = ObservedPeer.new(peer) if has_option("observe") else peer
    world = World.new()
    world.name = "World"
    stage = Stage.new()
    stage.name = "Stage"
    world.add_child(stage)
    root.add_child(world)


func listen_to_commands() -> void:
    _standard_input.start(_read_commands)


## One command a line. The end of standard input is the end of the program, so none outlives the test that started it.
func _read_commands() -> void:
    while true:
        var line := OS.read_string_from_stdin(4096)
        if line.is_empty():
            _obey.call_deferred(PackedStringArray(["quit"]))
            return
        var words := line.strip_edges().split(" ", false)
        if not words.is_empty():
            _obey.call_deferred(words)
            if words[0] == "quit":
                return


func _obey(words: PackedStringArray) -> void:
    if words[0] == "quit":
        leave(0)
    else:
        obey(words)


func obey(words: PackedStringArray) -> void:
    World.record("unknown_command", {"words": words})


## Says goodbye to the other side and ends with this code.
func leave(code: int) -> void:
    if _leaving:
        return
    _leaving = true
    get_multiplayer().multiplayer_peer.close()
    World.record("exit", {"code": code})
    if _standard_input.is_alive():
        # exit() would wait for the thread that is blocked reading: only SIGKILL ends it, and the line above has the code.
        OS.kill(OS.get_process_id())
    elif _standard_input.is_started():
        _standard_input.wait_to_finish()
    quit(code)
