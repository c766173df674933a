class_name Player
extends Node2D
## One player, on every screen; the player's own screen says where it is, many times a second and unreliably.

const SPEED := 300.0
const RADIUS := 20.0

var _wave := 0.0


## What the spawner calls on every screen, with the id of the player's peer.
static func make(id: int) -> Player:
	var player := Player.new()
	player.name = str(id)
	player.position = Vector2(100 + id % 900, 100 + id % 400)
	var state := SceneReplicationConfig.new()
	state.add_property(^".:position")
	var synchronizer := MultiplayerSynchronizer.new()
	synchronizer.name = "Synchronizer"
	synchronizer.replication_config = state
	player.add_child(synchronizer)
	# Of the player and of what is in it.
	player.set_multiplayer_authority(id)
	return player


func _process(delta: float) -> void:
	_wave = maxf(_wave - delta, 0)
	queue_redraw()
	if is_multiplayer_authority():
		position += Input.get_vector("ui_left", "ui_right", "ui_up", "ui_down") * SPEED * delta
		if Input.is_action_just_pressed("ui_accept"):
			wave.rpc()


func _draw() -> void:
	draw_circle(Vector2.ZERO, RADIUS, Color.from_hsv(name.hash() % 360 / 360.0, 0.6, 0.9))
	if _wave > 0:
		draw_arc(Vector2.ZERO, RADIUS * (2 - _wave), 0, TAU, 32, Color.WHITE, 2)


## Reliable: everybody sees it, once.
@rpc("authority", "call_local", "reliable")
func wave() -> void:
	_wave = 1.0
