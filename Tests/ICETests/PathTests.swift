import ICE
import Primitives
import STUN
import Testing

/// UDP and TCP side by side in one agent, and connections that go.
@Suite struct PathTests {
    private static let password = "a password of 24 letters"
    private static let address = TransportAddress(ipv4: 0xCB00_7101, port: 5000)
    private let udp = Path.udp(address)
    private let first = Path.tcp(TCPConnectionID(number: 1), address)
    private let second = Path.tcp(TCPConnectionID(number: 2), address.with(port: 5001))

    private func agent() -> ICELiteAgent {
        ICELiteAgent(ufrag: "LOCAL123", password: Self.password, at: .zero)
    }

    private func check(
        over path: Path, nominating: Bool = false, in agent: inout ICELiteAgent
    ) throws -> (outcome: ICELiteAgent.Outcome, mapped: TransportAddress?) {
        let bytes = STUNMessageBuilder.bindingRequest(
            TransactionID(high: 1, low: 2), to: "LOCAL123", password: Self.password, from: "peer",
            role: .controlling(tieBreaker: 7), priority: 100, useCandidate: nominating)
        return try bytes.withUnsafeBytes { datagram in
            var response: [UInt8] = []
            let outcome = agent.receive(
                try STUNMessage(parsing: datagram), from: path, at: .zero, response: &response)
            let mapped = try response.withUnsafeBytes { try STUNMessage(parsing: $0).xorMappedAddress }
            return (outcome, mapped)
        }
    }

    /// One address over UDP and TCP, or on two connections, is two paths; the answer names the address.
    @Test func aPathIsMoreThanItsAddress() throws {
        var agent = agent()
        for path in [udp, first, .tcp(TCPConnectionID(number: 9), Self.address)] {
            let (outcome, mapped) = try check(over: path, in: &agent)
            #expect(outcome == .valid(isNew: true, isSelected: path == udp))
            #expect(mapped == Self.address)
        }
        #expect(agent.validated.count == 3)
        #expect(Set(agent.validated).count == 3)
        // The connection says all there is to say of a TCP path.
        #expect(udp.transport == "udp" && first.transport == "tcp")
        #expect(udp.connection == nil && first.connection == TCPConnectionID(number: 1))
    }

    @Test func theLastPathLostLeavesNoneUntilTheNextCheck() throws {
        var agent = agent()
        _ = try check(over: first, nominating: true, in: &agent)
        agent.forget(first)
        #expect(agent.selected == nil && agent.validated.isEmpty)
        agent.forget(first)
        // Without nomination, as a browser checks a connection it has just opened again.
        #expect(try check(over: second, in: &agent).outcome == .valid(isNew: true, isSelected: true))
        #expect(agent.selected == second)
    }

    /// What was checked last is the best guess, and the next check is better than any guess.
    @Test func theOneCheckedLastStandsIn() throws {
        var agent = agent()
        _ = try check(over: second, in: &agent)
        _ = try check(over: udp, in: &agent)
        _ = try check(over: first, nominating: true, in: &agent)
        _ = try check(over: second, in: &agent)
        agent.forget(first)
        #expect(agent.selected == second)
        #expect(try check(over: udp, in: &agent).outcome == .valid(isNew: false, isSelected: true))
        #expect(agent.selected == udp)
        // It is no stand-in any more: only a nomination moves it.
        #expect(try check(over: second, in: &agent).outcome == .valid(isNew: false, isSelected: false))
        #expect(try check(over: second, nominating: true, in: &agent).outcome == .valid(isNew: false, isSelected: true))
    }

    /// A stand-in that answers for itself stays.
    @Test func aStandInThatIsCheckedStays() throws {
        var agent = agent()
        _ = try check(over: udp, in: &agent)
        _ = try check(over: first, nominating: true, in: &agent)
        agent.forget(first)
        #expect(agent.selected == udp)
        #expect(try check(over: udp, in: &agent).outcome == .valid(isNew: false, isSelected: false))
        #expect(try check(over: second, in: &agent).outcome == .valid(isNew: true, isSelected: false))
        #expect(agent.selected == udp)
    }

    @Test func anUnusedPathIsForgottenWithoutATrace() throws {
        var agent = agent()
        _ = try check(over: udp, nominating: true, in: &agent)
        _ = try check(over: first, in: &agent)
        agent.forget(first)
        agent.forget(second)
        #expect(agent.selected == udp && agent.validated == [udp])
        #expect(try check(over: second, in: &agent).outcome == .valid(isNew: true, isSelected: false))
    }
}
