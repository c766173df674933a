## Somebody on the stage, the same on every peer: its steps go out 20 times a second (a SYNC packet, unreliable), its mood
## when it changes (a delta, reliable), and both in the packet that spawns it. Only the server's walks.
extends Node

const World := preload("world.gd")
const INTERVAL := 0.05

var steps := 0
var mood := "calm"
var _walks := false


func _init(figure: String) -> void:
    name = figure
    var replication := SceneReplicationConfig.new()
    replication.add_property(^".:steps")
    replication.property_set_replication_mode(^".:steps", SceneReplicationConfig.REPLICATION_MODE_ALWAYS)
    replication.add_property(^".:mood")
    replication.property_set_replication_mode(^".:mood", SceneReplicationConfig.REPLICATION_MODE_ON_CHANGE)
    var synchronizer := MultiplayerSynchronizer.new()
    synchronizer.name = "Synchronizer"
    synchronizer.replication_config = replication
    synchronizer.replication_interval = INTERVAL
    synchronizer.synchronized.connect(record.bind("stepped"))
    synchronizer.delta_synchronized.connect(record.bind("mood_changed"))
    add_child(synchronizer)


func _ready() -> void:
    _walks = multiplayer.is_server()


func _process(_delta: float) -> void:
    if _walks:
        steps += 1


func record(event: String) -> void:
    World.record(event, {"figure": name, "steps": steps, "mood": mood})
