import Primitives
import SDP
import STUN

/// The checks of a controlling full agent towards one address, as Chromium sends them to an ice-lite answer: the first
/// without USE-CANDIDATE, the second with, then one every 2.5 s; what is not answered is sent again. It answers checks, too.
struct ConnectivityChecks {
    private enum Phase { case idle, probing, nominating, connected }

    private static let retransmission: Milliseconds = 50
    private static let keepAlive: Milliseconds = 2_500
    private static let lostKeepAlive: Milliseconds = 480
    private static let patience: Milliseconds = 15_000
    private static let priority: UInt32 = 0x6E00_1EFF

    let own: ICECredentials
    /// Messages to send.
    var outgoing: [[UInt8]] = []
    private(set) var next: Instant?
    private var failure = Instant(nanoseconds: .max)
    private var phase = Phase.idle
    private var pending: [TransactionID] = []
    private var remote: ICECredentials?
    private var random = SystemRandomNumberGenerator()
    private let tieBreaker: UInt64

    init() {
        own = ICECredentials(ufrag: Self.text(8), password: Self.text(24))
        tieBreaker = random.next()
    }

    var isAnswered: Bool { phase == .nominating || phase == .connected }

    func hasFailed(at now: Instant) -> Bool { failure <= now }

    mutating func begin(with remote: ICECredentials, at now: Instant) {
        self.remote = remote
        phase = .probing
        next = now
        failure = now + Self.patience
    }

    /// Sends what is due.
    mutating func advance(to now: Instant) {
        guard let due = next, due <= now, let remote else { return }
        let id = TransactionID(using: &random)
        pending.append(id)
        outgoing.append(
            STUNMessageBuilder.bindingRequest(
                id, to: remote.ufrag, password: remote.password, from: own.ufrag,
                role: .controlling(tieBreaker: tieBreaker), priority: Self.priority, useCandidate: phase != .probing))
        next = now + (phase == .connected ? Self.lostKeepAlive : Self.retransmission)
    }

    mutating func receive(_ datagram: UnsafeRawBufferPointer, at now: Instant) {
        guard let message = try? STUNMessage(parsing: datagram), let remote else { return }
        switch message.class {
        case .request: answer(message)
        case .success:
            guard pending.contains(message.transactionID), message.verifyIntegrity(key: Array(remote.password.utf8))
            else { return }
            noteAnswer(at: now)
        case .error, .indication: break
        }
    }

    private mutating func answer(_ check: STUNMessage) {
        let key = Array(own.password.utf8)
        guard check.verifyIntegrity(key: key) else { return }
        // Where it came from is nothing to a gateway that is where it says.
        outgoing.append(
            STUNMessageBuilder.bindingSuccess(
                check.transactionID, mappedAddress: TransportAddress(ipv4: 0x7F00_0001, port: 9), integrityKey: key))
    }

    private mutating func noteAnswer(at now: Instant) {
        pending.removeAll()
        failure = now + Self.patience
        switch phase {
        case .idle: break
        case .probing:
            phase = .nominating
            next = now + Self.retransmission
        case .nominating, .connected:
            phase = .connected
            next = now + Self.keepAlive
        }
    }

    private static func text(_ length: Int) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        return String((0..<length).map { _ in alphabet[Int.random(in: 0..<64)] })
    }
}
