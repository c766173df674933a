import Primitives
import Synchronization
import Testing

@testable import DataPlane

/// A resolver whose answers the test decides.
final class TestResolver: Sendable {
    private let answers: Mutex<[String: [String]]>

    init(_ answers: [String: [String]]) {
        self.answers = Mutex(answers)
    }

    /// Nil for a name that cannot be resolved.
    func answer(_ name: String, with literals: [String]?) {
        answers.withLock { $0[name] = literals }
    }

    func lookUp(_ name: String) throws(NetworkError) -> [TransportAddress] {
        if let literal = TransportAddress(literal: name, port: 0) { return [literal] }
        guard let literals = answers.withLock({ $0[name] }) else { throw .hostUnknown(name, cause: "no answer") }
        return literals.compactMap { TransportAddress(literal: $0, port: 0) }
    }

    var function: AdvertisedAddresses.LookUp {
        { [self] (name) throws(NetworkError) in try lookUp(name) }
    }
}

@Suite struct AdvertisedAddressesTests {
    private func resolve(_ hosts: [(String, UInt16)], _ resolver: TestResolver) throws -> AdvertisedAddresses {
        try AdvertisedAddresses(
            resolving: hosts.map { AdvertisedAddresses.Host(host: $0.0, port: $0.1) }, by: resolver.function)
    }

    @Test func literalsAndNamesKeepTheirOrderEachAddressOnce() throws {
        let resolver = TestResolver([
            "home.example": ["2001:db8::1", "203.0.113.7"], "other.example": ["203.0.113.7", "203.0.113.8"],
        ])
        let advertised = try resolve(
            [("198.51.100.1", 99), ("home.example", 0), ("203.0.113.7", 7000), ("other.example", 0)], resolver)
        #expect(
            advertised.addresses(boundTo: 7000).map(\.description) == [
                "198.51.100.1:99", "[2001:db8::1]:7000", "203.0.113.7:7000", "203.0.113.8:7000",
            ])
        #expect(advertised.hasNames)
        #expect(try !resolve([("198.51.100.1", 99)], resolver).hasNames)
        #expect(AdvertisedAddresses([]).isEmpty && !advertised.isEmpty)
    }

    @Test func whatNobodyElseCouldReachIsLeftOut() throws {
        let resolver = TestResolver([
            "debian": ["127.0.1.1", "203.0.113.7"], "blocked.example": ["0.0.0.0", "::"], "near.example": ["fe80::1"],
            "many.example": (1...20).map { "203.0.113.\($0)" },
        ])
        let debian = try resolve([("debian", 1)], resolver)
        #expect(debian.addresses(boundTo: 2).map(\.description) == ["203.0.113.7:1", "127.0.1.1:1"])
        for name in ["blocked.example", "near.example", "unknown.example"] {
            let error = #expect(throws: NetworkError.self) { try resolve([(name, 1)], resolver) }
            #expect(error?.description.hasPrefix("The host name \(name) cannot be resolved") == true)
        }
        let many = try resolve([("many.example", 1)], resolver)
        #expect(many.addresses(boundTo: 2).count == AdvertisedAddresses.addressLimit)
    }

    /// The system's resolver, which needs no network for this one.
    @Test func localhostIsResolved() throws {
        let advertised = try AdvertisedAddresses(resolving: [.init(host: "localhost", port: 0)])
        let addresses = advertised.addresses(boundTo: 80)
        #expect(!addresses.isEmpty && addresses.allSatisfy { $0.isLoopback && $0.port == 80 })
    }

    @Test func everyChangeIsToldOnce() throws {
        let resolver = TestResolver(["a.example": ["203.0.113.1"], "b.example": ["203.0.113.2", "203.0.113.3"]])
        var progress = RefreshProgress(
            Advertisement(
                udp: try resolve([("a.example", 0), ("b.example", 5)], resolver), boundUDP: Loopback.ipv4.with(port: 9),
                boundTCP: Loopback.ipv4.with(port: 7)))
        func refresh() -> [AddressChange] { progress.refresh(by: resolver.function) }
        func addresses(_ texts: String...) -> AddressChange {
            let udp = texts.map { text in
                let parts = text.split(separator: ":")
                return TransportAddress(literal: parts[0], port: UInt16(parts[1]) ?? 0) ?? Loopback.ipv4
            }
            return .ports(AdvertisedPorts(udp: udp, tcp: udp.map { $0.with(port: 7) }))
        }
        #expect(refresh() == [])
        // Name servers turn their answers round.
        resolver.answer("b.example", with: ["203.0.113.3", "203.0.113.2"])
        #expect(refresh() == [])
        resolver.answer("a.example", with: ["198.51.100.1"])
        #expect(refresh() == [addresses("198.51.100.1:9", "203.0.113.2:5", "203.0.113.3:5")])
        #expect(refresh() == [])
        // While there is no answer, the last good one stays.
        resolver.answer("a.example", with: nil)
        let failure = NetworkError.hostUnknown("a.example", cause: "no answer")
        #expect(refresh() == [.unresolved(failure)])
        #expect(refresh() == [])
        resolver.answer("b.example", with: ["203.0.113.2"])
        #expect(refresh() == [addresses("198.51.100.1:9", "203.0.113.2:5")])
        resolver.answer("a.example", with: ["198.51.100.1"])
        #expect(refresh() == [])
        resolver.answer("a.example", with: nil)
        #expect(refresh() == [.unresolved(failure)])
    }
}
