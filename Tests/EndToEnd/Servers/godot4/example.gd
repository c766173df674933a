## A player of the add-on's example (Signaling/godot/example), at whose keyboard a test sits:
##
##   godot4 --headless --path Signaling/godot -s example.gd -- [--address IP] [--port N]
##
## Obeys on standard input: `join`, `torii URL` (the add-on's way, though this is no web export), `press ACTION`,
## `release ACTION`, `sessions`, `quit`. Prints the example's own sentences, and a JSON line for each player that comes, moves,
## waves or goes, for each of the add-on's signals, and for `sessions` how many of them there are.
extends "program.gd"

var _arena: Node
var _places := {}
var _waving := {}
# Pressed where the nodes see it in the same frame: "just pressed" is true for one.
var _to_press: PackedStringArray = []


func _initialize() -> void:
    Engine.max_fps = 200
    _arena = (load("res://example/arena.tscn") as PackedScene).instantiate()
    root.add_child(_arena)
    listen_to_commands()
    World.record("ready", {})


func _process(_delta: float) -> bool:
    for action in _to_press:
        Input.action_press(action)
    _to_press.clear()
    var seen := {}
    for player: Node2D in _arena.get_node("Players").get_children():
        seen[str(player.name)] = player.position
        if player.get("_wave") > 0 and not _waving.has(str(player.name)):
            World.record("waved", {"player": player.name})
        if player.get("_wave") > 0:
            _waving[str(player.name)] = true
        else:
            _waving.erase(str(player.name))
    for player: String in seen:
        if not _places.has(player):
            World.record("came", {"player": player, "x": seen[player].x, "is_own": int(player) == _id()})
        elif _places[player] != seen[player]:
            World.record("moved", {"player": player, "x": seen[player].x})
    for player: String in _places:
        if not seen.has(player):
            World.record("went", {"player": player})
    _places = seen
    return false


func _id() -> int:
    return get_multiplayer().get_unique_id()


func make_peer(url: String) -> Torii:
    return Torii.join(url)


func _torii(url: String) -> void:
    var torii := make_peer(url)
    torii.joined.connect(func() -> void: World.record("joined", {}))
    for told: String in ["failed", "left"]:
        torii.connect(told, func(reason: String) -> void: World.record(told, {"reason": reason}))
    get_multiplayer().multiplayer_peer = torii


func obey(words: PackedStringArray) -> void:
    match Array(words):
        ["join"]:
            (_arena.get_node("Join") as Button).pressed.emit()
        ["torii", var url]:
            _torii(url)
        ["sessions"]:
            World.record("sessions", {"count": root.find_children("ToriiSession*", "", false, false).size()})
        ["press", var action]:
            _to_press.append(action)
        ["release", var action]:
            Input.action_release(action)
        _:
            super(words)
