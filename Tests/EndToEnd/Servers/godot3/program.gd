# What the Godot 3.2 server and client have in common: options, one JSON line per event, the way out.
extends SceneTree

var network = NetworkedMultiplayerENet.new()


func option(name, fallback):
	var arguments = OS.get_cmdline_args()
	for i in range(arguments.size() - 1):
		if arguments[i] == "--" + name:
			return arguments[i + 1]
	return fallback


# To standard error: Godot 3's standard output is buffered when it is a pipe.
func record(event, fields = {}):
	var line = {"event": event}
	for key in fields:
		line[key] = fields[key]
	printerr(JSON.print(line))


func enter():
	Engine.target_fps = 200
	network_peer = network
	connect("network_peer_connected", self, "_peer_connected")
	connect("network_peer_disconnected", self, "_peer_disconnected")
	multiplayer.connect("network_peer_packet", self, "_packet")


func leave(code):
	network.close_connection()
	OS.exit_code = code
	quit()


func _peer_connected(id):
	record("peer_connected", {"id": id})


func _peer_disconnected(id):
	record("peer_disconnected", {"id": id})


func _packet(from, bytes):
	record("raw", {"from": from, "size": bytes.size(), "head": bytes.hex_encode() if bytes.size() <= 32 else ""})
