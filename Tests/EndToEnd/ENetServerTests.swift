import Testing

/// The plain libenet server and player by themselves, without Torii.
@Suite struct ENetServerTests {
    @Test func aNativePlayerGetsEveryDeliveryBack() async throws {
        try await ENetProgram.echoServer { server, port in
            try await ENetProgram.player(port: port, data: 4_242) { player in
                let exit = try await player.process.exit()
                #expect(exit == .code(0), "\(player.events("gave_up"))")
            }
            try await server.event("disconnected") { $0["peer"].int == 4_242 }
            let received = server.events("packet").compactMap { packet in
                packet["kind"].string.map { "\($0) \(packet["channel"].int ?? -1)" }
            }
            #expect(
                Set(received) == [
                    "reliable 0", "sequenced 0", "unsequenced 0", "reliable 1", "sequenced 1", "unsequenced 1",
                ])
            server.command("quit")
            let exit = try await server.process.exit()
            #expect(exit == .code(0))
        }
    }
}
