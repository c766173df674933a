import Primitives
import SDP
import STUN

/// When a controlling full agent sends its checks, like Chromium towards an ice-lite answer: the first without
/// USE-CANDIDATE, the second with, then one every 2.5 s; what is not answered is sent again.
struct CheckState {
    enum Phase { case idle, probing, nominating, connected }

    static let retransmission: Milliseconds = 50
    static let keepAlive: Milliseconds = 2_500
    static let lostKeepAlive: Milliseconds = 480
    static let patience: Milliseconds = 15_000

    var phase = Phase.idle
    var next: Instant?
    /// When it gives up.
    var failure: Instant?
    var pending: [TransactionID] = []

    mutating func begin(at now: Instant) {
        phase = .probing
        next = now
        failure = now + Self.patience
    }

    mutating func answered(at now: Instant) {
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
}

extension SimulatedBrowser {
    func sendChecks(at now: Instant) {
        if let failure = checks.failure, failure <= now {
            note(.iceFailed)
            return
        }
        guard let next = checks.next, next <= now, let remoteCredentials else { return }
        let id = TransactionID(using: &random)
        checks.pending.append(id)
        outgoing.append(
            STUNMessageBuilder.bindingRequest(
                id, to: remoteCredentials.ufrag, password: remoteCredentials.password, from: credentials.ufrag,
                role: .controlling(tieBreaker: tieBreaker), priority: 0x6E00_1EFF,
                useCandidate: checks.phase != .probing))
        checks.next = now + (checks.phase == .connected ? CheckState.lostKeepAlive : CheckState.retransmission)
    }

    func receiveSTUN(_ datagram: UnsafeRawBufferPointer, at now: Instant) {
        guard let message = try? STUNMessage(parsing: datagram), message.class == .success, let remoteCredentials,
            checks.pending.contains(message.transactionID),
            message.verifyIntegrity(key: Array(remoteCredentials.password.utf8))
        else { return }
        checks.answered(at: now)
        startDTLSIfClient(at: now)
    }

    /// New credentials for an ICE restart, as the fragment for the gateway (RFC 8840).
    public func beginRestart() -> String {
        credentials = ICECredentials(ufrag: Self.text(8, &random), password: Self.text(24, &random))
        return "a=ice-ufrag:\(credentials.ufrag)\r\na=ice-pwd:\(credentials.password)\r\n"
    }

    /// Takes the gateway's fragment and checks anew; data goes on meanwhile.
    public func followRestart(_ fragment: String, at now: Instant) throws(SDPError) {
        remoteCredentials = try ICEFragment(parsing: Array(fragment.utf8)).credentials
        checks = CheckState()
        checks.begin(at: now)
    }

    /// Sends a check at once, as after the network changed.
    public func checkNow(at now: Instant) {
        checks.next = now
    }
}
