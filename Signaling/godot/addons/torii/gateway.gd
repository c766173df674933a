extends Node
## The gateway's HTTP side, for one session: openapi.yaml is the contract.

const Page := preload("page.gd")

## What is longer is no sentence for people.
const LONGEST_SENTENCE := 300
## An answer has a few hundred bytes.
const LARGEST_BODY := 65536


## An answer, or the lack of one.
class Response:
	## 0 when none came.
	var status := 0
	## By name in lower case.
	var headers: Dictionary[String, String] = {}
	var body := ""
	## One sentence for people, when it is not what was asked for.
	var refusal := ""

	func header(name: String) -> String:
		return headers[name] if headers.has(name) else ""

	## Null if it is none.
	func json() -> Variant:
		var is_json := status == 200 and header("content-type").begins_with("application/json")
		var parser := JSON.new()
		return parser.data if is_json and parser.parse(body) == OK else null


var _origin := ""
var _route := ""
var _token := ""


## False when the URL cannot be one of a route.
func locate(url: String, token: String) -> bool:
	var whole := Page.origin() + url if url.begins_with("/") else url
	var path := whole.find("/", whole.find("://") + 3)
	if path < 0 or not (whole.begins_with("https://") or whole.begins_with("http://")):
		return false
	_origin = whole.left(path)
	_route = whole
	_token = token
	return true


## What WebRTCPeerConnection.initialize takes as `iceServers`. [param servers] is filled; the answer tells if there was one.
func ask_for_ice_servers(servers: Array[Dictionary], seconds: float) -> Response:
	var response := await _send(HTTPClient.METHOD_GET, _origin + "/ice-servers", [], "", seconds)
	var answer: Variant = response.json()
	if answer is Array:
		var list: Array = answer
		for server: Variant in list:
			if server is Dictionary:
				servers.append(server)
	return response


## Joins. Answered 201, the body is the answer's SDP and [method session_of] its session.
func offer(peer_id: int, sdp: String, seconds: float) -> Response:
	var url := "%s%speer_id=%d" % [_route, "&" if "?" in _route else "?", peer_id]
	return await _send(HTTPClient.METHOD_POST, url, ["Content-Type: application/sdp"], sdp, seconds)


## The URL of the session an answer names; empty if it names none.
func session_of(answer: Response) -> String:
	var location := answer.header("location")
	return _origin + location if location.begins_with("/") else location


## Why the gateway ended the session; empty if it did not, or cannot be asked.
func last_words(session: String, seconds: float) -> String:
	var response := await _send(HTTPClient.METHOD_GET, session, [], "", seconds)
	var answer: Variant = response.json()
	if answer is Dictionary:
		var status: Dictionary = answer
		if status.get("reason") is String:
			var reason: String = status["reason"]
			return _sentence(reason)
	return ""


func remove(session: String, seconds: float) -> void:
	await _send(HTTPClient.METHOD_DELETE, session, [], "", seconds)


func _send(
		method: HTTPClient.Method, url: String, headers: PackedStringArray, body: String, seconds: float
) -> Response:
	var all := headers.duplicate()
	if not _token.is_empty():
		all.append("Authorization: Bearer " + _token)
	var request := HTTPRequest.new()
	request.timeout = maxf(seconds, 0.1)
	request.body_size_limit = LARGEST_BODY
	add_child(request)
	var response := Response.new()
	if request.request(url, all, method, body) == OK:
		var completed: Array = await request.request_completed
		var result: HTTPRequest.Result = completed[0]
		_take(completed, response)
		response.refusal = _refusal(result, response)
	else:
		response.refusal = "The gateway could not be asked: %s is no URL." % url
	request.queue_free()
	return response


func _take(completed: Array, response: Response) -> void:
	response.status = completed[1]
	var lines: PackedStringArray = completed[2]
	var body: PackedByteArray = completed[3]
	response.body = body.get_string_from_utf8()
	for line in lines:
		var at := line.find(":")
		response.headers[line.left(at).strip_edges().to_lower()] = line.substr(at + 1).strip_edges()


func _refusal(result: HTTPRequest.Result, response: Response) -> String:
	if result == HTTPRequest.RESULT_TIMEOUT:
		return "The gateway did not answer in time."
	if result != HTTPRequest.RESULT_SUCCESS:
		return "The gateway could not be reached."
	# What a proxy says for itself is a page, not a sentence.
	var is_sentence := response.header("content-type").begins_with("text/plain")
	var sentence := _sentence(response.body) if is_sentence else ""
	return "The gateway answered %d." % response.status if sentence.is_empty() else sentence


func _sentence(text: String) -> String:
	return text.strip_edges().left(LONGEST_SENTENCE)
