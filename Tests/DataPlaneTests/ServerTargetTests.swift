import Gateway
import Primitives
import Testing

@testable import DataPlane

/// Only what an operator names can be reached, and a name only stands for what its operator allows.
@Suite struct ServerTargetTests {
    private func address(
        _ host: String, _ answers: [String] = [], mayBePrivate: Bool = false
    ) throws -> TransportAddress {
        let resolver = TestResolver([host: answers])
        return try ServerTarget(host: host, port: 7777, mayBePrivate: mayBePrivate).address(by: resolver.function)
    }

    @Test(arguments: ["127.0.0.1", "10.0.0.5", "169.254.1.1", "192.168.1.1", "203.0.113.7", "::1", "fd00::5"])
    func anAddressIsUsedAsItIsWritten(text: String) throws {
        #expect(try address(text) == TransportAddress(literal: text, port: 7777))
    }

    @Test(arguments: ["0.0.0.0", "::", "224.0.0.1", "255.255.255.255", "ff02::1"])
    func nobodysAddressIsNoServers(text: String) {
        let error = #expect(throws: NetworkError.self) { try address(text, mayBePrivate: true) }
        #expect(error?.description == "\(text) is not the address of a server; write the one it listens on.")
    }

    @Test(arguments: ["127.0.0.1", "10.0.0.5", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "::1"])
    func aNameForAPrivateAddressNeedsToBeAllowed(literal: String) throws {
        let error = #expect(throws: NetworkError.self) { try address("game.example", [literal]) }
        #expect(
            error?.description
                == "The server name game.example stands for \(literal), which is not public; write the address, or allow it with private=allowed."
        )
        let allowed = try address("game.example", [literal], mayBePrivate: true)
        #expect(allowed == TransportAddress(literal: literal, port: 7777))
    }

    @Test func aNamesPublicAddressIsTakenWhateverElseItStandsFor() throws {
        let mixed = ["10.0.0.5", "2001:db8::7", "203.0.113.7"]
        #expect(try address("game.example", mixed).description == "203.0.113.7:7777")
        #expect(try address("game.example", ["10.0.0.5", "2001:db8::7"]).description == "[2001:db8::7]:7777")
    }

    @Test func localhostIsThisHostAndNothingElse() throws {
        #expect(try address("localhost", ["::1", "127.0.0.1"]).description == "127.0.0.1:7777")
        #expect(throws: NetworkError.self) { try address("localhost", ["10.0.0.5"]) }
        #expect(throws: NetworkError.self) { try address("notlocalhost", ["127.0.0.1"]) }
    }

    @Test func aServerMovesWithItsName() {
        let resolver = TestResolver(["game.example": ["203.0.113.1"]])
        var names = ServerNames(
            [
                Route(name: "world", profile: .godot4, server: TransportAddress(ipv4: 0xCB00_7101, port: 7777)),
                Route(name: "fixed", profile: .godot4, server: TransportAddress(ipv4: 0xCB00_7109, port: 7777)),
            ],
            targets: [
                "world": [ServerTarget(host: "game.example", port: 7777)],
                "fixed": [ServerTarget(host: "203.0.113.9", port: 7777)],
            ])
        func refresh() -> ([String], [NetworkError]) {
            let (moves, failures) = names.refresh(by: resolver.function)
            return (moves.map { "\($0.server.name) \($0.address)" }, failures)
        }
        #expect(refresh() == ([], []))
        // Several at once, in any order: whoever is where the server was found stays there.
        resolver.answer("game.example", with: ["203.0.113.2", "203.0.113.1"])
        #expect(refresh() == ([], []))
        resolver.answer("game.example", with: ["203.0.113.2"])
        #expect(refresh() == (["world 203.0.113.2:7777"], []))
        #expect(refresh() == ([], []))
        // A name server in wrong hands does not lead the gateway into its own network.
        resolver.answer("game.example", with: ["127.0.0.1"])
        #expect(refresh() == ([], [.serverNotAllowed("game.example", "127.0.0.1", isName: true)]))
        resolver.answer("game.example", with: nil)
        #expect(refresh() == ([], [.hostUnknown("game.example", cause: "no answer")]))
        resolver.answer("game.example", with: ["203.0.113.2"])
        #expect(refresh() == ([], []))
    }
}
