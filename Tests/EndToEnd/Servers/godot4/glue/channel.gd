## A data channel that is in the page: what WebRTCDataChannelJS is in a web export, with its buffer.
extends PacketPipe

## What the page has not handed over yet; a message takes its length and 5 bytes of it.
const BUFFER := 65536

var id := 0
var label := ""
var options := {}
var state := WebRTCDataChannel.STATE_CONNECTING
## Called with nothing.
var close_in_page: Callable
var mode := WebRTCDataChannel.WRITE_MODE_BINARY


func _get_ready_state() -> ChannelState:
    return state


func _close() -> void:
    close_in_page.call()


func _poll() -> Error:
    return OK


func _get_id() -> int:
    return id


func _get_label() -> String:
    return label


func _is_ordered() -> bool:
    return options.get("ordered", true)


func _is_negotiated() -> bool:
    return options.get("negotiated", false)


func _get_max_packet_life_time() -> int:
    return 65535


func _get_max_retransmits() -> int:
    return 65535


func _get_protocol() -> String:
    return ""


func _get_buffered_amount() -> int:
    return 0


func _get_max_packet_size() -> int:
    return 1200


func _set_write_mode(new_mode: WriteMode) -> void:
    mode = new_mode


func _get_write_mode() -> WriteMode:
    return mode


func _was_string_packet() -> bool:
    return false
