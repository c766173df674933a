extends Node2D
## A game for native and for web players. Run it with `-- --server` for the server, which is plain ENet and knows nothing of
## Torii, and without for a player. A web export joins through the gateway; that is `join`, and all there is to it.

## Where native players find the server.
@export var address := "127.0.0.1"
## The server's UDP port; 0 is any that is free.
@export_range(0, 65535) var port := 7777
## Where web players find the gateway's route to it.
@export var gateway := "http://localhost:8080/join/world"

@onready var _players: Node2D = $Players
@onready var _spawner: MultiplayerSpawner = $Spawner
@onready var _status: Label = $Status
@onready var _join: Button = $Join


func _ready() -> void:
	_spawner.spawn_function = Player.make
	_join.pressed.connect(join)
	multiplayer.connected_to_server.connect(_show.bind("Arrow keys move, Enter waves."))
	multiplayer.connection_failed.connect(_return.bind("The server did not answer."))
	multiplayer.server_disconnected.connect(_return.bind("The server is gone."))
	var arguments := OS.get_cmdline_user_args()
	address = _option(arguments, "--address", address)
	port = _option(arguments, "--port", str(port)).to_int()
	gateway = _option(arguments, "--gateway", gateway)
	if arguments.has("--server") or OS.has_feature("dedicated_server"):
		serve()


## A game server like any other.
func serve() -> void:
	var enet := ENetMultiplayerPeer.new()
	var error := enet.create_server(port)
	if error != OK:
		_return("UDP port %d cannot be used: %s." % [port, error_string(error)])
		return
	multiplayer.peer_connected.connect(_enter)
	multiplayer.peer_disconnected.connect(_leave)
	multiplayer.multiplayer_peer = enet
	_join.hide()
	_show("Listening on UDP port %d." % enet.host.get_local_port())


func join() -> void:
	_join.hide()
	_show("Joining…")
	if OS.has_feature("web"):
		var torii := Torii.join(gateway)
		torii.failed.connect(_return)
		torii.left.connect(_return)
		multiplayer.multiplayer_peer = torii
	else:
		var enet := ENetMultiplayerPeer.new()
		var error := enet.create_client(address, port)
		if error != OK:
			_return("%s is no server's address." % address)
			return
		multiplayer.multiplayer_peer = enet


func _enter(id: int) -> void:
	_spawner.spawn(id)
	_show("Player %d came." % id)


func _leave(id: int) -> void:
	_players.get_node(str(id)).queue_free()
	_show("Player %d left." % id)


func _show(sentence: String) -> void:
	_status.text = sentence
	print(sentence)


func _return(sentence: String) -> void:
	_show(sentence)
	_join.show()


func _option(arguments: PackedStringArray, option: String, fallback: String) -> String:
	var at := arguments.find(option)
	return arguments[at + 1] if at >= 0 and at + 1 < arguments.size() else fallback
