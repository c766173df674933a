## The part of the world at /root/World/Stage where figures stand: its MultiplayerSpawner puts them there on every peer,
## also on one that joins later. What anybody asks of the server here is done for everybody.
##
## `cue_<mode>` is answered by `cued_<mode>`, each mode on a transfer channel of its own, as a game with a web export has
## to declare them (`channels_config`): 1 reliable, 2 ordered, 3 unreliable. The `@rpc` functions are part of the checksum
## in Pages/scene-multiplayer.js, like those of world.gd.
extends Node

const World := preload("world.gd")
const Figure := preload("figure.gd")

var _spawner := MultiplayerSpawner.new()


func _ready() -> void:
    _spawner.name = "Spawner"
    _spawner.spawn_path = ^".."
    _spawner.spawn_function = func(figure: String) -> Node: return Figure.new(figure)
    _spawner.spawned.connect(func(figure: Figure) -> void: figure.record("spawned"))
    _spawner.despawned.connect(func(figure: Figure) -> void: figure.record("despawned"))
    add_child(_spawner)


func _received(function: String, arguments: Array) -> int:
    var from := multiplayer.get_remote_sender_id()
    World.record("rpc", {"name": function, "from": from, "arguments": arguments})
    return from


@rpc("any_peer", "call_remote", "reliable")
func bring_on(figure: String) -> void:
    _received("bring_on", [figure])
    _spawner.spawn(figure)


@rpc("any_peer", "call_remote", "reliable")
func take_off(figure: String) -> void:
    _received("take_off", [figure])
    get_node(figure).queue_free()


@rpc("any_peer", "call_remote", "reliable")
func set_mood(figure: String, mood: String) -> void:
    _received("set_mood", [figure, mood])
    (get_node(figure) as Figure).mood = mood


@rpc("any_peer", "call_remote", "reliable", 1)
func cue_reliable(n: int) -> void:
    cued_reliable.rpc_id(_received("cue_reliable", [n]), n)


@rpc("any_peer", "call_remote", "unreliable_ordered", 2)
func cue_ordered(n: int) -> void:
    cued_ordered.rpc_id(_received("cue_ordered", [n]), n)


@rpc("any_peer", "call_remote", "unreliable", 3)
func cue_unreliable(n: int) -> void:
    cued_unreliable.rpc_id(_received("cue_unreliable", [n]), n)


@rpc("any_peer", "call_remote", "reliable", 1)
func cued_reliable(n: int) -> void:
    _received("cued_reliable", [n])


@rpc("any_peer", "call_remote", "unreliable_ordered", 2)
func cued_ordered(n: int) -> void:
    _received("cued_ordered", [n])


@rpc("any_peer", "call_remote", "unreliable", 3)
func cued_unreliable(n: int) -> void:
    _received("cued_unreliable", [n])
