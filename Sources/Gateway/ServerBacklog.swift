import Bridge
import DequeModule

/// Messages for the server that ENet cannot take yet: it is still connecting, or its reliable queue is full.
///
/// While anything is in here the browser's messages are left unread in SCTP once the backlog is full, so that the
/// browser waits.
struct ServerBacklog {
    struct Message {
        let destination: ServerDestination
        let payload: [UInt8]
    }

    // Our choice: what a page may send while the server is being connected to, before it is made to wait.
    static let byteLimit = 64 * 1024
    static let countLimit = 256

    private var messages = Deque<Message>()
    private(set) var bytes = 0

    var count: Int { messages.count }
    var isEmpty: Bool { messages.isEmpty }
    var isFull: Bool { bytes >= Self.byteLimit || messages.count >= Self.countLimit }
    var first: Message? { messages.first }

    mutating func append(_ payload: UnsafeRawBufferPointer, for destination: ServerDestination) {
        messages.append(Message(destination: destination, payload: Array(payload)))
        bytes += payload.count
    }

    mutating func removeAll() {
        messages.removeAll()
        bytes = 0
    }

    mutating func removeFirst() {
        bytes -= messages.removeFirst().payload.count
    }
}
