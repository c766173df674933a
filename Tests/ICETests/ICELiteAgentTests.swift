import ICE
import Primitives
import STUN
import SimulationSupport
import Testing

@Suite struct ICELiteAgentTests {
    private static let ufrag = "LOCAL123"
    private static let password = "a password of 24 letters"
    private let home = TransportAddress(ipv4: 0xCB00_7101, port: 5000)

    private func agent() -> ICELiteAgent {
        ICELiteAgent(ufrag: Self.ufrag, password: Self.password, at: Instant(nanoseconds: 0))
    }

    /// A check with whatever a test wants different.
    private func check(
        to ufrag: String = ufrag,
        role: ICERole? = .controlling(tieBreaker: 7), priority: UInt32? = 100, useCandidate: Bool = false,
        key: String? = password, fingerprint: Bool = true, class: STUNClass = .request, unknown: UInt16? = nil
    ) -> [UInt8] {
        var builder = STUNMessageBuilder(`class`, transactionID: TransactionID(high: 1, low: 99))
        builder.append(usernameFor: ufrag.utf8, from: "peer".utf8)
        if let role { builder.append(role: role) }
        if let priority { builder.append(priority: priority) }
        if useCandidate { builder.appendUseCandidate() }
        if let unknown { builder.append(AttributeType(rawValue: unknown), value: [1, 2, 3, 4]) }
        return builder.finish(integrityKey: key.map { Array($0.utf8) }, fingerprint: fingerprint)
    }

    private func receive(
        _ bytes: [UInt8], from source: TransportAddress? = nil, at now: Instant = Instant(nanoseconds: 5),
        in agent: inout ICELiteAgent
    ) throws -> (outcome: ICELiteAgent.Outcome, response: [UInt8]) {
        try receive(bytes, over: .udp(source ?? home), at: now, in: &agent)
    }

    private func receive(
        _ bytes: [UInt8], over path: Path, at now: Instant = Instant(nanoseconds: 5), in agent: inout ICELiteAgent
    ) throws -> (outcome: ICELiteAgent.Outcome, response: [UInt8]) {
        try bytes.withUnsafeBytes { datagram in
            var response: [UInt8] = []
            let message = try STUNMessage(parsing: datagram)
            let outcome = agent.receive(message, from: path, at: now, response: &response)
            return (outcome, response)
        }
    }

    /// The response's error code, after its form and transaction were found right; nil for a success.
    private func errorCode(_ response: [UInt8], isSigned: Bool) throws -> UInt16? {
        try response.withUnsafeBytes { bytes in
            let message = try STUNMessage(parsing: bytes)
            #expect(message.transactionID == TransactionID(high: 1, low: 99))
            #expect(message.verifyFingerprint())
            #expect(message.verifyIntegrity(key: Array(Self.password.utf8)) == isSigned)
            #expect(message.class == (message.errorCode == nil ? .success : .error))
            return message.errorCode?.code
        }
    }

    /// RFC 8445 §7.3.1.2: the answer names where the check came from.
    @Test func aValidCheckIsAnswered() throws {
        var agent = agent()
        let (outcome, response) = try receive(check(), in: &agent)
        #expect(outcome == .valid(isNew: true, isSelected: true))
        #expect(try errorCode(response, isSigned: true) == nil)
        try response.withUnsafeBytes { bytes in
            let mapped = try STUNMessage(parsing: bytes).xorMappedAddress
            #expect(mapped == home)
        }
        #expect(agent.selected == .udp(home))
        #expect(agent.lastCheck == Instant(nanoseconds: 5))
        #expect(!agent.isNominated)
        #expect(try receive(check(), in: &agent).outcome == .valid(isNew: false, isSelected: false))
    }

    /// RFC 8445 §7.3.1.1: a lite agent stays controlled, whoever's tie-breaker is larger.
    @Test(arguments: [0, .max] as [UInt64]) func roleConflict(tieBreaker: UInt64) throws {
        var agent = agent()
        let (outcome, response) = try receive(check(role: .controlled(tieBreaker: tieBreaker)), in: &agent)
        #expect(outcome == .refused(.stunRoleConflict))
        #expect(try errorCode(response, isSigned: true) == 487)
        #expect(agent.selected == nil)
    }

    @Test func missingAttributesAreABadRequest() throws {
        var agent = agent()
        for bytes in [check(role: nil), check(priority: nil)] {
            let (outcome, response) = try receive(bytes, in: &agent)
            #expect(outcome == .refused(.stunAttributeMissing))
            #expect(try errorCode(response, isSigned: true) == 400)
        }
        #expect(agent.selected == nil)
    }

    /// RFC 8489 §6.3.1: 420 names what was not understood; optional attributes are passed over.
    @Test func unknownAttributes() throws {
        var agent = agent()
        let (outcome, response) = try receive(check(unknown: 0x7ABC), in: &agent)
        #expect(outcome == .refused(.stunAttributeUnknown))
        #expect(try errorCode(response, isSigned: true) == 420)
        try response.withUnsafeBytes { bytes in
            let named = try STUNMessage(parsing: bytes).unknownAttributes
            #expect(named?.count == 1 && named?[0] == AttributeType(rawValue: 0x7ABC))
        }
        #expect(try receive(check(unknown: 0xC057), in: &agent).outcome == .valid(isNew: true, isSelected: true))
    }

    /// RFC 8489 §9.1.3, and never more bytes back than came.
    @Test func withoutRightIntegrity() throws {
        var agent = agent()
        let missing = check(key: nil)
        let (outcome, response) = try receive(missing, in: &agent)
        #expect(outcome == .refused(.stunIntegrityMissing))
        #expect(response.count <= missing.count)
        if !response.isEmpty { #expect(try errorCode(response, isSigned: false) == 400) }

        let wrong = check(key: "another password of 24 ch")
        let (second, unauthenticated) = try receive(wrong, in: &agent)
        #expect(second == .refused(.stunIntegrityMismatch))
        #expect(unauthenticated.count <= wrong.count)
        if !unauthenticated.isEmpty { #expect(try errorCode(unauthenticated, isSigned: false) == 401) }
        #expect(agent.validated.isEmpty && agent.selected == nil)
        #expect(agent.lastCheck == Instant(nanoseconds: 0))

        var builder = STUNMessageBuilder(.request, transactionID: TransactionID(high: 1, low: 99))
        builder.append(usernameFor: "a".utf8, from: "".utf8)
        #expect(try receive(builder.finish(), in: &agent).response.isEmpty)
    }

    @Test func whatIsNoCheckIsDropped() throws {
        var agent = agent()
        #expect(try receive(check(fingerprint: false), in: &agent) == (.refused(.stunFingerprintMissing), []))
        for kind in [STUNClass.indication, .success] {
            #expect(try receive(check(class: kind), in: &agent) == (.refused(.stunNotARequest), []))
        }
        var damaged = check()
        damaged[damaged.count - 1] ^= 1
        #expect(try receive(damaged, in: &agent) == (.refused(.stunFingerprintMismatch), []))
    }

    /// RFC 8445 §8.1.1: the last nomination counts; an address that is only checked does not.
    @Test func nominationMovesTheSelection() throws {
        var agent = agent()
        let away = home.with(port: 6000)
        _ = try receive(check(), in: &agent)
        #expect(try receive(check(), from: away, in: &agent).outcome == .valid(isNew: true, isSelected: false))
        #expect(agent.selected == .udp(home))
        let (outcome, _) = try receive(check(useCandidate: true), from: away, in: &agent)
        #expect(outcome == .valid(isNew: false, isSelected: true))
        #expect(agent.selected == .udp(away) && agent.isNominated)
        #expect(try receive(check(useCandidate: true), in: &agent).outcome == .valid(isNew: false, isSelected: true))
        #expect(agent.selected == .udp(home))
    }

    @Test func oldAddressesAreForgottenButNotTheSelected() throws {
        var agent = agent()
        _ = try receive(check(useCandidate: true), in: &agent)
        for port in 1...20 as ClosedRange<UInt16> {
            _ = try receive(check(), from: home.with(port: port), in: &agent)
            #expect(agent.validated.count <= ICELiteAgent.validatedLimit)
        }
        #expect(agent.validated.contains(.udp(home)))
        #expect(agent.validated.contains(.udp(home.with(port: 20))))
        #expect(!agent.validated.contains(.udp(home.with(port: 1))))
    }

    /// RFC 8445 §9: the old credentials are good until the new ones are used, and then no more.
    @Test func aRestartChangesCredentialsWhenTheyAreUsed() throws {
        var agent = agent()
        _ = try receive(check(useCandidate: true), in: &agent)
        agent.restart(ufrag: "SECOND12", password: "another one of 24 letter")
        #expect(agent.ufrags == ["SECOND12", Self.ufrag])
        #expect(agent.selected == .udp(home))

        // Until the browser has the new credentials, the old ones are as good as ever.
        let away = TransportAddress(ipv4: 0xCB00_7102, port: 6000)
        let late = try receive(check(useCandidate: true), from: away, at: Instant(nanoseconds: 9), in: &agent)
        #expect(late.outcome == .valid(isNew: true, isSelected: true))
        #expect(agent.lastCheck == Instant(nanoseconds: 9))
        #expect(agent.selected == .udp(away))

        let new = check(to: "SECOND12", useCandidate: true, key: "another one of 24 letter")
        #expect(try receive(new, in: &agent).outcome == .valid(isNew: false, isSelected: true))
        #expect(agent.selected == .udp(home))
        #expect(agent.ufrags == ["SECOND12"])
        #expect(try receive(check(), in: &agent).outcome == .refused(.stunUsernameUnknown))
    }

    /// Until a nomination with the new credentials, data goes where it went.
    @Test func aRestartMovesNothingBeforeNomination() throws {
        var agent = agent()
        _ = try receive(check(useCandidate: true), in: &agent)
        agent.restart(ufrag: "SECOND12", password: "another one of 24 letter")
        let away = TransportAddress(ipv4: 0xCB00_7102, port: 6000)
        let plain = check(to: "SECOND12", key: "another one of 24 letter")
        #expect(try receive(plain, from: away, in: &agent).outcome == .valid(isNew: true, isSelected: false))
        #expect(agent.selected == .udp(home))
    }

    /// The new ufrag with the old password is no key to anything.
    @Test func aRestartNeedsItsOwnPassword() throws {
        var agent = agent()
        _ = try receive(check(), in: &agent)
        agent.restart(ufrag: "SECOND12", password: "another one of 24 letter")
        #expect(try receive(check(to: "SECOND12"), in: &agent).outcome == .refused(.stunIntegrityMismatch))
    }

    /// Restarts that nobody follows leave what the browser uses untouched.
    @Test func unfollowedRestartsKeepTheUsedCredentials() throws {
        var agent = agent()
        _ = try receive(check(), in: &agent)
        for number in 1...3 {
            agent.restart(ufrag: "UNUSED0\(number)", password: "another one of 24 letter")
        }
        #expect(agent.ufrags == ["UNUSED03", Self.ufrag])
        #expect(try receive(check(), in: &agent).outcome == .valid(isNew: false, isSelected: false))
    }
}
