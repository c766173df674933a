import Testing

@testable import Discovery

@Suite struct ServerListTests {
    private func shown(_ servers: [FoundServer]) -> [String] {
        servers.map { server in
            let parts = [
                server.name.map { "name=\($0)" }, server.weight.map { "weight=\($0)" },
                server.capacity.map { "capacity=\($0)" },
            ]
            return ([server.host, server.port.map { "\($0)" } ?? "-"] + parts.compactMap { $0 }).joined(separator: " ")
        }
    }

    private func sentence(_ text: String) -> String? {
        do throws(DiscoveryError) {
            _ = try ServerList.parse(text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func aServerALine() throws {
        let text =
            "# ours\n\n203.0.113.7:7777 name=eu weight=2 capacity=50\r\n  game.example  # the old one\n[2001:db8::1]:9\n[::1]\n"
        #expect(
            try shown(ServerList.parse(text)) == [
                "203.0.113.7 7777 name=eu weight=2 capacity=50", "game.example -", "2001:db8::1 9", "::1 -",
            ])
        #expect(try ServerList.parse("\n# nobody\n").isEmpty)
    }

    /// Half a list would be worse than the one before.
    @Test(arguments: [
        ("a:1\nb:0\n", "line 2: a server is written HOST:PORT, with an IPv6 address in brackets"),
        ("a:1:2", "line 1: a server is written HOST:PORT, with an IPv6 address in brackets"),
        ("a/b", "line 1: a server is written HOST:PORT, with an IPv6 address in brackets"),
        ("a:1 weight=x", "line 1: weight must be a number from 1 to 1000"),
        (
            "a:1 b:2",
            "line 1: after the server may come name=NAME, weight=NUMBER and capacity=NUMBER, with spaces between"
        ),
        (String(repeating: "a:1\n", count: 257), "there are more than 256 servers"),
    ])
    func aLineThatIsNoServerSpoilsTheList(text: String, expected: String) {
        #expect(sentence(text) == expected)
    }

    @Test func jsonOfOurOwn() throws {
        let text =
            #" {"servers": [{"address": "203.0.113.7", "port": 1, "name": "eu", "weight": 2, "capacity": 3}, {"host": "b"}]}"#
        #expect(try shown(ServerList.parse(text)) == ["203.0.113.7 1 name=eu weight=2 capacity=3", "b -"])
        #expect(try shown(ServerList.parse(#"[{"address": "a", "port": 65535}]"#)) == ["a 65535"])
        #expect(try ServerList.parse("[]").isEmpty)
    }

    /// V-Sekai's Uro: a name there is one for people, and 32 users are its default.
    @Test func uroShards() throws {
        let text = #"""
            {"data": {"shards": [
              {"user": {"id": "4f5c"}, "address": "203.0.113.7", "port": 7777, "map": "d2c9", "name": "Friday night!",
               "current_users": 3, "max_users": 32},
              {"user": null, "address": "2001:db8::7", "port": 7778, "map": "d2c9", "name": "arena-2",
               "current_users": 0, "max_users": 16}
            ]}}
            """#
        #expect(
            try shown(ServerList.parse(text)) == [
                "203.0.113.7 7777 capacity=32", "2001:db8::7 7778 name=arena-2 capacity=16",
            ])
        #expect(try ServerList.parse(#"{"data": {"shards": []}}"#).isEmpty)
    }

    /// Anyone may register a shard.
    @Test func anEntryThatIsNoServerIsPassedOver() throws {
        let text = #"""
            [{"address": "a b", "port": 1}, {"address": "a", "port": 0}, {"address": "a", "port": 70000}, 7, null,
             {"port": 1}, {"address": 7, "port": 1}, {"address": "c", "port": 1, "weight": -1, "capacity": "many"},
             {"address": "http://d/", "port": 1}]
            """#
        #expect(try shown(ServerList.parse(text)) == ["c 1"])
        let many = "[" + (1...300).map { #"{"address": "a", "port": \#($0)}"# }.joined(separator: ",") + "]"
        #expect(try ServerList.parse(many).count == ServerList.limit)
    }

    @Test(arguments: [
        "{", "[{1", #"{"data": {}}"#, "{}", #"{"servers": 7}"#, "[" + String(repeating: #"{"a":"#, count: 100_000),
    ])
    func whatIsNoListIsSaid(text: String) {
        #expect(sentence(text)?.contains("JSON") == true)
    }
}
