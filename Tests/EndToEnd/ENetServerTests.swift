import LibENet
import Testing

/// The plain libenet server and player by themselves, without Torii.
@Suite struct ENetServerTests {
    @Test(arguments: LibENet.available) func aNativePlayerGetsEveryDeliveryBack(from library: LibENet) async throws {
        let every: Set = [
            "reliable 0", "sequenced 0", "unsequenced 0", "reliable 1", "sequenced 1", "unsequenced 1",
        ]
        try await ENetProgram.echoServer(on: library) { server, port in
            let version = try await server.event("libenet")["version"].string
            #expect(library.version == nil || version == library.version)
            try await ENetProgram.player(port: port, data: 4_242) { player in
                let exit = try await player.process.exit()
                #expect(exit == .code(0), "\(player.events("gave_up"))")
                #expect(deliveries(player) == every)
            }
            try await server.event("disconnected") { $0["peer"].int == 4_242 }
            #expect(deliveries(server) == every)
            server.command("quit")
            let exit = try await server.process.exit()
            #expect(exit == .code(0))
        }
    }

    /// Delivery and channel of the packets it received.
    private func deliveries(_ program: ServerProgram) -> Set<String> {
        Set(program.events("packet").map { "\($0["kind"].string ?? "?") \($0["channel"].int ?? -1)" })
    }
}
