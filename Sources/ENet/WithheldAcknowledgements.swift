import CENet
import Primitives

/// Acknowledgements of reliable data that are kept back while there should come no more of it.
///
/// That is while the owner wants none, and while much has come behind something that is missing: nothing of that can be
/// given up before the missing one is there, for which libenet must still have room (`maximumWaitingData`).
///
/// A server has at most a window of reliable data unacknowledged (libenet, `ENET_PROTOCOL_MAXIMUM_WINDOW_SIZE`), so
/// there it stops, while what it sends unreliably, its pings and its farewell go on. Each acknowledgement keeps the sent
/// time it answers: the server takes the wait for a longer way, and repeats no sooner than that. But a server gives up
/// over a command that it has repeated for 5 s, so none is kept for long: a server that is made to wait sends a window
/// each `longestWait`.
struct WithheldAcknowledgements {
    private typealias Node = UnsafeMutablePointer<ENetAcknowledgement>

    enum Kind {
        case ofAll
        /// Of what came behind something that is missing.
        case ofWhatIsAhead
    }

    // Our choice: the acknowledgement may be lost, and must be there well before `ENET_PEER_TIMEOUT_MINIMUM`.
    static let longestWait: Milliseconds = 3000

    /// Oldest first.
    private var kept = Fifo<(node: Node, since: Instant)>()
    /// The commands in `kept` and those that waited long enough: whether what the server repeats is acknowledged at once.
    private var states: [UInt32: Bool] = [:]

    var isEmpty: Bool { states.isEmpty }

    /// Takes the acknowledgements of reliable data out of the peer's queue. What they occupy counts as libenet's.
    mutating func take(_ kind: Kind, from peer: PeerPointer, at now: Instant) {
        peer.pointee.acknowledgements.forEach(ENetAcknowledgement.self) { node in
            let header = node.pointee.command.header
            guard Self.isOfData(header) else { return }
            guard kind == .ofAll || Self.isAhead(node.pointee.command, on: peer) else { return }
            let isLetGo = states[Self.key(header)]
            guard isLetGo != true else { return }
            enet_list_remove(&node.pointee.acknowledgementList)
            guard isLetGo == nil else { return enet_free(node) }
            states[Self.key(header)] = false
            kept.append((node, now))
        }
    }

    /// Gives back those that have waited long enough. They leave when libenet next sends.
    mutating func releaseDue(to peer: PeerPointer, at now: Instant) {
        while let since = kept.first?.since, now.since(since) >= Self.longestWait, let (node, _) = kept.popFirst() {
            states[Self.key(node.pointee.command.header)] = true
            enet_list_insert(&peer.pointee.acknowledgements.sentinel, node)
        }
    }

    /// When the oldest has waited long enough.
    var nextDue: Instant? { kept.first.map { $0.since + Self.longestWait } }

    /// Gives all back, oldest first.
    mutating func release(to peer: PeerPointer) {
        while let (node, _) = kept.popFirst() {
            enet_list_insert(&peer.pointee.acknowledgements.sentinel, node)
        }
        states.removeAll()
    }

    /// Frees them, because nobody waits for them any more.
    mutating func discard() {
        while let (node, _) = kept.popFirst() { enet_free(node) }
        states.removeAll()
    }

    private static func isOfData(_ header: ENetProtocolCommandHeader) -> Bool {
        let kind = UInt32(header.command) & ENET_PROTOCOL_COMMAND_MASK.rawValue
        return kind == ENET_PROTOCOL_COMMAND_SEND_RELIABLE.rawValue
            || kind == ENET_PROTOCOL_COMMAND_SEND_FRAGMENT.rawValue
    }

    /// Whether the command belongs to a packet later than the next one its channel waits for.
    private static func isAhead(_ command: ENetProtocol, on peer: PeerPointer) -> Bool {
        let header = command.header
        guard let channels = peer.pointee.channels, Int(header.channelID) < peer.pointee.channelCount else {
            return false
        }
        let kind = UInt32(header.command) & ENET_PROTOCOL_COMMAND_MASK.rawValue
        let isFragment = kind == ENET_PROTOCOL_COMMAND_SEND_FRAGMENT.rawValue
        // libenet turns round the header's number only.
        let first =
            isFragment ? UInt16(bigEndian: command.sendFragment.startSequenceNumber) : header.reliableSequenceNumber
        let distance = first &- channels[Int(header.channelID)].incomingReliableSequenceNumber
        return distance > 1 && distance < 1 << 15
    }

    private static func key(_ header: ENetProtocolCommandHeader) -> UInt32 {
        UInt32(header.channelID) << 16 | UInt32(header.reliableSequenceNumber)
    }
}
