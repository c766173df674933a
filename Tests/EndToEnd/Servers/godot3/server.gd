# A Godot 3.2 game server: NetworkedMultiplayerENet without relay, which is what a gateway can serve transparently.
#
#   godot3-server -s server.gd --port N [--compression none|range-coder|fastlz|zlib|zstd]
#
# Writes `LISTENING port` and one JSON line per event to standard error, answers every raw packet with the same bytes, except
# `kick me`: in RELIABLE mode, or in that which the packet begins with. Runs until it is ended: Godot 3.2 scripts cannot read standard input. Without a port it
# takes a free one above 40000.
extends "program.gd"


var _compressions = {
	"none": NetworkedMultiplayerENet.COMPRESS_NONE,
	"range-coder": NetworkedMultiplayerENet.COMPRESS_RANGE_CODER,
	"fastlz": NetworkedMultiplayerENet.COMPRESS_FASTLZ,
	"zlib": NetworkedMultiplayerENet.COMPRESS_ZLIB,
	"zstd": NetworkedMultiplayerENet.COMPRESS_ZSTD,
}


func _initialize():
	network.compression_mode = _compressions[option("compression", "none")]
	network.set_bind_ip("127.0.0.1")
	network.server_relay = false
	var port = int(option("port", 0))
	var error = FAILED
	if port > 0:
		error = network.create_server(port, 32)
	else:
		# Godot 3 cannot tell which port the system chose, so it has to be one of our choice.
		randomize()
		for _attempt in range(20):
			port = 40000 + randi() % 20000
			error = network.create_server(port, 32)
			if error == OK:
				break
	if error != OK:
		printerr("cannot listen on port %d: error %d" % [port, error])
		OS.exit_code = 1
		quit()
		return
	enter()
	printerr("LISTENING %d" % port)


var _modes = {
	"unreliable": NetworkedMultiplayerPeer.TRANSFER_MODE_UNRELIABLE,
	"ordered": NetworkedMultiplayerPeer.TRANSFER_MODE_UNRELIABLE_ORDERED,
}


func _packet(from, bytes):
	._packet(from, bytes)
	var text = bytes.subarray(0, min(bytes.size(), 20) - 1).get_string_from_ascii()
	if text == "kick me":
		network.disconnect_peer(from)
		return
	var mode = _modes.get(text.split(" ")[0], NetworkedMultiplayerPeer.TRANSFER_MODE_RELIABLE)
	multiplayer.send_bytes(bytes, from, mode)
