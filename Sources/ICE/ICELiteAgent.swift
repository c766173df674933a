// ICE (RFC 8445) as a lite agent of one component and one data stream.
//
// Left out, because RFC 8445 §2.5 lets a lite agent leave it out: gathering beyond host candidates, candidate pairs
// and check lists, sending checks, and the controlling role. A browser is always a full agent and so controls.
// Left out: comparing the sender's half of USERNAME; RFC 8445 §7.3 asks for the receiver's half only, and the
// integrity key is ours alone.

import Primitives
import STUN

/// One session's side of ICE: answers connectivity checks, learns from them where the browser is, and notices when
/// they stop (RFC 7675 as a lite agent sees it).
public struct ICELiteAgent: Sendable {
    /// What a check amounted to. In every case `response`, when not empty, is to be sent back the way it came.
    public enum Outcome: Equatable, Sendable {
        /// A valid check. `isNew` when the path had not been seen in this session; `isSelected` when data goes
        /// there from now on and went elsewhere, or nowhere, before.
        case valid(isNew: Bool, isSelected: Bool)
        case refused(DropReason)
    }

    private struct Credentials: Sendable {
        let ufrag: String
        let password: [UInt8]
    }

    private var current: Credentials
    /// Those before an ICE restart, good until a check with the new ones has arrived.
    private var previous: Credentials?
    /// Whether a valid check with the current ones has arrived.
    private var isCurrentUsed = false

    /// Our user name fragment, by which the gateway finds the session of a check from an unknown address.
    public var ufrag: String { current.ufrag }
    /// All that checks may name: two from an ICE restart until the browser has followed it.
    public var ufrags: [String] { [current.ufrag] + (previous.map { [$0.ufrag] } ?? []) }

    /// Where data goes: the path last nominated, or before any nomination the one of the first valid check. Nil before
    /// that, and again when every path was lost.
    public private(set) var selected: Path?
    /// Paths that passed a check, the one checked last at the end. Datagrams are accepted from these and no others.
    public private(set) var validated: [Path] = []
    /// Whether `selected` only stands in for one that was lost, until the next check shows where the browser is.
    private var isStandIn = false
    public private(set) var isNominated = false
    /// When a valid check last arrived; at first, when the session began.
    public private(set) var lastCheck: Instant

    /// What came of the browser's DTLS inside its checks.
    private var embeddedDTLS = DTLSAcknowledgement()

    // Our choice.
    /// Paths of one session that are remembered: a phone between networks has two or three.
    public static let validatedLimit = 8

    public init(ufrag: String, password: String, at now: Instant) {
        current = Credentials(ufrag: ufrag, password: Array(password.utf8))
        lastCheck = now
    }

    /// Restarts ICE (RFC 8445 §9) with new credentials. Those of before, and the paths, stay good until the first check
    /// with the new ones.
    public mutating func restart(ufrag: String, password: String) {
        // A restart that nobody followed leaves no trace: what the browser last used stays good.
        if isCurrentUsed {
            previous = current
            isCurrentUsed = false
        }
        current = Credentials(ufrag: ufrag, password: Array(password.utf8))
        isNominated = false
    }

    /// Takes a check whose USERNAME names this agent and whose form was found good.
    public mutating func receive(
        _ check: STUNMessage, from source: Path, at now: Instant, response: inout [UInt8]
    ) -> Outcome {
        guard let credentials = credentials(for: check) else { return .refused(.stunUsernameUnknown) }
        if let reason = refuse(check, key: credentials.password, &response) { return .refused(reason) }
        response = STUNMessageBuilder.bindingSuccess(
            check.transactionID, mappedAddress: source.address, dtlsAcknowledgement: acknowledgeDTLS(of: check),
            integrityKey: credentials.password)
        lastCheck = now
        if credentials.ufrag == current.ufrag {
            isCurrentUsed = true
            previous = nil
        }
        let isNew = remember(source)
        // Also with the credentials of before a restart: until it has the answer a browser has no others, and Chromium
        // may nominate its new port with them and then keep to them.
        return .valid(isNew: isNew, isSelected: select(source, nominated: check.useCandidate))
    }

    /// Forgets a path that can carry nothing any more, as a TCP connection that was closed. If data went there it goes
    /// to the one that was checked last of the others, or nowhere, until the next valid check.
    public mutating func forget(_ path: Path) {
        guard let index = validated.firstIndex(of: path) else { return }
        validated.remove(at: index)
        guard selected == path else { return }
        selected = validated.last
        isStandIn = selected != nil
    }

    /// draft-hancke-webrtc-sped: an agent that embeds DTLS hears from each response what has arrived of it, if only that
    /// nothing has. Chromium that hears nothing at all opens two round trips later (Benchmarks/round-trips.md).
    private mutating func acknowledgeDTLS(of check: STUNMessage) -> DTLSAcknowledgement? {
        guard check.dtls != nil || check.hasDTLSAcknowledgement else { return nil }
        // RFC 9443 §3: what does not begin like DTLS is none, and goes no further than here.
        if let datagram = check.dtls, let first = datagram.first, (20...63).contains(first) {
            embeddedDTLS.note(datagram)
        }
        return embeddedDTLS
    }

    private func credentials(for check: STUNMessage) -> Credentials? {
        guard let ufrag = check.username?.receiverUfrag else { return nil }
        let named = String(decoding: ufrag, as: UTF8.self)
        return named == current.ufrag ? current : previous.flatMap { named == $0.ufrag ? $0 : nil }
    }

    /// Nil when the check may change state; otherwise why not, with the error response to send.
    private func refuse(_ check: STUNMessage, key password: [UInt8], _ response: inout [UInt8]) -> DropReason? {
        guard check.class == .request, check.method == .binding else { return .stunNotARequest }
        // RFC 8445 §7.1.2: every check has FINGERPRINT.
        guard check.hasFingerprint else { return .stunFingerprintMissing }
        guard check.verifyFingerprint() else { return .stunFingerprintMismatch }
        guard check.hasIntegrity else {
            response = UnauthenticatedResponse.to(check, error: .badRequest)
            return .stunIntegrityMissing
        }
        guard check.verifyIntegrity(key: password) else {
            response = UnauthenticatedResponse.to(check, error: .unauthenticated)
            return .stunIntegrityMismatch
        }
        guard check.notUnderstood.isEmpty else {
            response = STUNMessageBuilder.bindingError(
                check.transactionID, .unknownAttribute, unknownAttributes: check.notUnderstood,
                integrityKey: password)
            return .stunAttributeUnknown
        }
        return refuseRole(check, key: password, &response)
    }

    private func refuseRole(_ check: STUNMessage, key password: [UInt8], _ response: inout [UInt8]) -> DropReason? {
        switch check.role {
        case .controlling:
            guard check.priority == nil else { return nil }
            // RFC 8445 §7.1.1: PRIORITY must be there.
            response = STUNMessageBuilder.bindingError(check.transactionID, .badRequest, integrityKey: password)
            return .stunAttributeMissing
        case .controlled:
            // RFC 8445 §7.3.1.1, without the switch to controlling that a lite agent cannot make.
            response = STUNMessageBuilder.bindingError(check.transactionID, .roleConflict, integrityKey: password)
            return .stunRoleConflict
        case nil:
            response = STUNMessageBuilder.bindingError(check.transactionID, .badRequest, integrityKey: password)
            return .stunAttributeMissing
        }
    }

    private mutating func remember(_ source: Path) -> Bool {
        if let index = validated.firstIndex(of: source) {
            validated.append(validated.remove(at: index))
            return false
        }
        if validated.count == Self.validatedLimit {
            let oldest = validated.firstIndex { $0 != selected } ?? 0
            validated.remove(at: oldest)
        }
        validated.append(source)
        return true
    }

    /// RFC 8445 §8.1.1: the controlling side nominates, and may nominate another path later, as after a move to
    /// another network. Until the first nomination the first path that works is used, so that DTLS starts a round trip
    /// earlier; so is, when the one in use was lost, the first that works after that.
    private mutating func select(_ source: Path, nominated: Bool) -> Bool {
        let wasSelected = selected
        if nominated {
            isNominated = true
            selected = source
        } else if selected == nil || isStandIn {
            selected = source
        }
        isStandIn = false
        return selected != wasSelected
    }
}
