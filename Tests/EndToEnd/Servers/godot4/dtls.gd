## Godot's own DTLSServer before a game server that has none: hands what is in players' records to the server on
## 127.0.0.1 from a socket of each player's own, and seals what comes back, a record for each datagram. It is what
## ENetConnection.dtls_server_setup does beneath ENet, for a Godot that was built without it.
##
##   godot4 --headless -s dtls.gd -- --server PORT --certificate FILE --key FILE [--host 127.0.0.1]
##
## Prints `LISTENING port` and one JSON line for each handshake and each end. Runs until its standard input ends.
extends SceneTree


class Player:
    var dtls: PacketPeerDTLS
    var server := PacketPeerUDP.new()
    var is_up := false

    func _init(peer: PacketPeerDTLS, port: int) -> void:
        dtls = peer
        server.connect_to_host("127.0.0.1", port)

    func carry() -> void:
        dtls.poll()
        if dtls.get_status() != PacketPeerDTLS.STATUS_CONNECTED:
            return
        if not is_up:
            is_up = true
            print(JSON.stringify({"event": "dtls_up"}))
        while dtls.get_available_packet_count() > 0:
            server.put_packet(dtls.get_packet())
        while server.get_available_packet_count() > 0:
            dtls.put_packet(server.get_packet())

    func is_over() -> bool:
        return dtls.get_status() not in [PacketPeerDTLS.STATUS_CONNECTED, PacketPeerDTLS.STATUS_HANDSHAKING]


var _udp := UDPServer.new()
var _dtls := DTLSServer.new()
var _players: Array[Player] = []
var _server_port := 0
var _standard_input := Thread.new()


func _initialize() -> void:
    # Without a screen nothing else limits the frames, and the network is polled once in each.
    Engine.max_fps = 200
    var key := CryptoKey.new()
    var certificate := X509Certificate.new()
    _server_port = int(_option("server"))
    var error := key.load(_option("key"))
    if error == OK:
        error = certificate.load(_option("certificate"))
    if error == OK:
        error = _dtls.setup(TLSOptions.server(key, certificate))
    if error == OK:
        error = _udp.listen(0, _option("host"))
    if error != OK:
        printerr("cannot serve DTLS: %s" % error_string(error))
        quit(1)
        return
    _standard_input.start(_await_end)
    print("LISTENING %d" % _udp.get_local_port())


func _process(_delta: float) -> bool:
    _udp.poll()
    while _udp.is_connection_available():
        var peer := _dtls.take_connection(_udp.take_connection())
        # Whoever has no cookie yet has been sent one, and comes again.
        if peer.get_status() == PacketPeerDTLS.STATUS_HANDSHAKING:
            _players.append(Player.new(peer, _server_port))
    for player in _players:
        player.carry()
    for player in _players.filter(func(player: Player) -> bool: return player.is_over()):
        print(JSON.stringify({"event": "dtls_ended"}))
        _players.erase(player)
    return false


func _option(name: String) -> String:
    var arguments := OS.get_cmdline_user_args()
    var at := arguments.find("--" + name)
    return arguments[at + 1] if at >= 0 and at + 1 < arguments.size() else "127.0.0.1"


func _await_end() -> void:
    while not OS.read_string_from_stdin(4096).is_empty():
        pass
    quit.call_deferred(0)
