import Testing

/// The Godot servers and players by themselves, without Torii: what the gateway's tests then rely on.
@Suite(.serialized) struct GodotServerTests {
    @Test(.requires(.godot4)) func aNativePlayerMakesEveryKindOfRoundTrip() async throws {
        let every: Set = ["reliable 0", "reliable 1", "ordered 0", "ordered 1", "unreliable 0", "unreliable 1"]
        try await GodotProgram.server4(["--observe"]) { server, port in
            try await GodotProgram.client4(port: port, ["--observe"]) { client in
                let exit = try await client.process.exit()
                #expect(exit == .code(0), "\(client.events("gave_up"))")
                #expect(client.arrivals(from: 1) == every)
            }
            let joined = try await server.event("peer_connected")
            try await server.event("peer_disconnected") { $0["id"] == joined["id"] }
            #expect(server.arrivals(from: try #require(joined["id"].int)) == every)
            server.command("quit")
            let exit = try await server.process.exit()
            #expect(exit == .code(0))
        }
    }

    @Test(.requires(.godot4)) func playersMeetAndTheServerKicks() async throws {
        try await GodotProgram.server4 { server, port in
            try await GodotProgram.client4(port: port, ["--stay", "--name", "first"]) { first in
                let firstID = try await first.number(after: "READY")
                try await GodotProgram.client4(port: port, ["--stay", "--name", "second"]) { second in
                    let secondID = try await second.number(after: "READY")
                    try await first.event("peer_connected") { $0["id"].int == secondID }
                    second.command("say good evening")
                    try await second.event("rpc") {
                        $0["from"].int == firstID && $0["arguments"][0].string == "re: good evening"
                    }
                    second.command("raw \(firstID) reliable 1 hey")
                    try await second.event("raw") { $0["from"].int == firstID && $0["head"].string == "720201686579" }
                    server.command("kick \(secondID)")
                    let reason = try await second.event("gave_up")
                    #expect(reason["reason"].string == "the server ended the connection")
                    try await first.event("peer_disconnected") { $0["id"].int == secondID }
                }
            }
        }
    }

    @Test(.requires(.godot4)) func aPlayerWhoComesLaterFindsTheSameStage() async throws {
        try await GodotProgram.server4(["--password", "harlequinade"]) { server, port in
            let options = ["--stay", "--password", "harlequinade"]
            try await GodotProgram.client4(port: port, options) { first in
                _ = try await first.number(after: "READY")
                first.command("bring_on Pierrot")
                try await first.event("spawned") { $0["figure"].string == "Pierrot" && $0["mood"].string == "calm" }
                try await GodotProgram.client4(port: port, options) { second in
                    let found = try #require(try await second.event("spawned")["steps"].int)
                    try await second.event("stepped") { $0["steps"].int ?? 0 > found }
                }
            }
        }
    }

    @Test(.requires(.godot4)) func aPlayerWithTheWrongPasswordIsTurnedAway() async throws {
        try await GodotProgram.server4(["--password", "harlequinade"]) { server, port in
            try await GodotProgram.client4(port: port, ["--password", "pantomime"]) { client in
                let exit = try await client.process.exit()
                #expect(exit == .code(1))
                let password = try await server.event("password")
                #expect(password["is_right"].bool == false)
                #expect(server.events("peer_connected").isEmpty)
            }
        }
    }

    @Test(.requires(.godot3)) func aGodot3PlayerGetsItsBytesBack() async throws {
        try await GodotProgram.server3 { server, port in
            try await GodotProgram.client3(port: port) { client in
                let exit = try await client.process.exit()
                #expect(exit == .code(0))
                let id = try await client.event("connected")["id"]
                try await server.event("peer_connected") { $0["id"] == id }
                try await server.event("raw") { $0["from"] == id && $0["size"].int == 5 }
            }
        }
    }
}
