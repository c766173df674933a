## A web player of the add-on's example: Godot with the add-on's own scripts, and in place of a web export's glue a page that
## does the same (Pages/godot-glue.js).
##
##   godot4 --headless --path PROJECT -s player.gd -- [--token WORD] [--timeout SECONDS] [--channels MODES]
##
## PROJECT is a copy of Signaling/godot with pipe.gdextension in it. Prints `LISTENING port`, for the page's WebSocket. Obeys
## what ../example.gd does, `leave`, `close`, `pause`, and `forget`: nobody holds the peer any more.
extends "../example.gd"

const Connection := preload("connection.gd")
const Session := preload("session.gd")

var _listener := TCPServer.new()
var _page: WebSocketPeer
var _connection: Connection


func _initialize() -> void:
    super()
    _listener.listen(0, "127.0.0.1")
    print("LISTENING %d" % _listener.get_local_port())


func _process(delta: float) -> bool:
    if _listener.is_connection_available():
        _page = WebSocketPeer.new()
        _page.inbound_buffer_size = 1 << 22
        _page.outbound_buffer_size = 1 << 22
        _page.accept_stream(_listener.take_connection())
        World.record("page", {})
    if _page != null:
        if _connection != null:
            _connection.send_packets()
        _page.poll()
        while _page.get_available_packet_count() > 0:
            var packet := _page.get_packet()
            _connection.take(packet, _page.was_string_packet())
    return super(delta)


func make_peer(url: String) -> Torii:
    _connection = Connection.new(_page)
    _page.send_text(JSON.stringify({"do": "run", "code": preload("res://addons/torii/page.gd").SOURCE}))
    var channels: Array[MultiplayerPeer.TransferMode] = []
    for mode in option("channels", "").split(",", false):
        channels.append(World.MODES.find_key(mode))
    var torii := Torii.new()
    torii._begin(Session.new(_connection), url, option("token", ""), channels, float(option("timeout", "15")))
    return torii


func obey(words: PackedStringArray) -> void:
    match Array(words):
        ["leave"]:
            (get_multiplayer().multiplayer_peer as Torii).leave()
        ["close"]:
            get_multiplayer().multiplayer_peer.close()
        ["forget"]:
            get_multiplayer().multiplayer_peer = null
        ["pause"]:
            paused = true
            World.record("paused", {})
        _:
            super(words)
