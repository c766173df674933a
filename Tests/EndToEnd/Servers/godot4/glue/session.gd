## The add-on's session with a connection that is in a page, as it is in a web export.
extends "res://addons/torii/session.gd"

var connection: WebRTCPeerConnection


func _init(glued: WebRTCPeerConnection) -> void:
    connection = glued


func _make_connection() -> WebRTCPeerConnection:
    return connection
