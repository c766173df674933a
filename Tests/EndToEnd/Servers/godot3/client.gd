# A Godot 3.2 player: joins, sends raw bytes, and ends with 0 when they came back; with 1 otherwise.
#
#   godot3-server -s client.gd --port N
extends "program.gd"

var _greeting = "hello".to_utf8()


func _initialize():
	network.create_client(option("address", "127.0.0.1"), int(option("port", 0)))
	enter()
	connect("connected_to_server", self, "_connected")
	connect("connection_failed", self, "leave", [1])
	connect("server_disconnected", self, "leave", [1])
	create_timer(10).connect("timeout", self, "leave", [1])


func _connected():
	record("connected", {"id": multiplayer.get_network_unique_id()})
	multiplayer.send_bytes(_greeting, 1, NetworkedMultiplayerPeer.TRANSFER_MODE_RELIABLE)


func _packet(from, bytes):
	._packet(from, bytes)
	if bytes == _greeting:
		leave(0)
