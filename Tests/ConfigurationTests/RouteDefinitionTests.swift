import Bridge
import ENet
import Gateway
import Testing

@testable import Configuration

@Suite struct RouteDefinitionTests {
    @Test func theWholeForm() throws {
        let route = try RouteDefinition(parsing: "my.world_1-a=enet://[2001:db8::1]:9000?profile=channels")
        #expect(route.name == "my.world_1-a")
        #expect(route.servers.map(\.place) == [HostPort(host: "2001:db8::1", port: 9000)])
        #expect(route.profile == .channels)
    }

    @Test(arguments: ["w=enet://game", "w=enet://game?", "w=enet://game:?", "w=enet://game?&", "w=enet://game:7777"])
    func theDefaultsArePort7777AndGodot4(text: String) throws {
        let route = try RouteDefinition(parsing: text)
        #expect(route.servers.map(\.place) == [HostPort(host: "game", port: 7777)])
        #expect(route.profile == .godot4)
        #expect(route.compression == .none)
    }

    @Test(arguments: Compression.allCases) func everyCompressionHasAName(compression: Compression) throws {
        let route = try RouteDefinition(parsing: "w=enet://game?compression=\(compression.rawValue)")
        #expect(route.compression == compression)
    }

    @Test(arguments: Profile.allCases) func everyProfileHasAName(profile: Profile) throws {
        let scheme: ServerScheme = profile == .datagrams ? .udp : .enet
        let route = try RouteDefinition(parsing: "w=\(scheme.rawValue)://game:1?profile=\(profile.rawValue)")
        #expect(route.profile == profile)
        #expect(route.scheme == scheme)
    }

    @Test func udpIsDatagrams() throws {
        let route = try RouteDefinition(parsing: "w=udp://[2001:db8::1]:4433")
        #expect(route.profile == .datagrams)
        #expect(route.servers.map(\.place) == [HostPort(host: "2001:db8::1", port: 4433)])
    }

    @Test(arguments: [1, 255]) func plainENetHasChannelsAndConnectData(count: Int) throws {
        let route = try RouteDefinition(
            parsing: "w=enet://game?connect-data=4294967295&profile=channels&channels=\(count)")
        #expect(route.channelCount == count)
        #expect(route.connectData == .max)
        let plain = try RouteDefinition(parsing: "w=enet://game?profile=channels")
        #expect(plain.channelCount == nil && plain.connectData == nil)
    }

    @Test func howMuchMayCross() throws {
        let options = "session-to-server=200,65536&session-to-browser=,1000&route-to-server=5,&route-to-browser=1,2"
        let rates = try RouteDefinition(parsing: "w=enet://game?\(options)").rates
        #expect(rates.session.toServer == RateLimit(messages: 200, bytes: 65_536))
        #expect(rates.session.toBrowser == RateLimit(bytes: 1000))
        #expect(rates.route.toServer == RateLimit(messages: 5))
        #expect(rates.route.toBrowser == RateLimit(messages: 1, bytes: 2))
        #expect(try RouteDefinition(parsing: "w=enet://game").rates == RateLimits())
    }

    @Test func theWayToTheServer() throws {
        let options =
            "link-mtu=1420&source=2001:db8::2&interface=wg0&dscp=AF41&send-buffer=65536&receive-buffer=131072&private=allowed"
        let route = try RouteDefinition(parsing: "w=enet://game?\(options)")
        #expect(route.path.linkMTU == 1420)
        #expect(route.path.source?.host == "2001:db8::2")
        #expect(route.path.interface == "wg0")
        #expect(route.path.codePoint == 34)
        #expect(route.path.sendBuffer == 65_536)
        #expect(route.path.receiveBuffer == 131_072)
        #expect(route.mayBePrivate)
        let plain = try RouteDefinition(parsing: "w=enet://game")
        #expect(plain.path == ServerPath())
        #expect(!plain.mayBePrivate)
    }

    @Test(arguments: [
        ("0", 0), ("63", 63), ("EF", 46), ("ef", 46), ("CS0", 0), ("CS7", 56), ("AF11", 10), ("AF43", 38),
    ])
    func codePointsHaveNumbersAndNames(text: String, codePoint: UInt8) throws {
        let route = try RouteDefinition(parsing: "w=enet://game?dscp=\(text)")
        #expect(route.path.codePoint == codePoint)
    }

    @Test(arguments: [
        ("", "write NAME=enet://HOST:PORT"), ("world", "write NAME=enet://HOST:PORT"),
        ("enet://127.0.0.1:7777", "write NAME=enet://HOST:PORT"),
        ("=enet://game", "1 to 64 letters"), (".=enet://game", "1 to 64 letters"),
        ("..=enet://game", "1 to 64 letters"),
        ("a/b=enet://game", "1 to 64 letters"), ("a b=enet://game", "1 to 64 letters"),
        ("wörld=enet://game", "1 to 64 letters"),
        ("a\nb=enet://game", "1 to 64 letters"), ("a%20b=enet://game", "1 to 64 letters"),
        ("w=game:7777", "write enet://HOST:PORT"), ("w=ENET://game", "write enet://HOST:PORT"),
        ("w=http://game", "write enet://HOST:PORT"), ("w=", "write enet://HOST:PORT"),
        ("w=enet://", "write HOST:PORT"), ("w=enet://?profile=godot4", "write HOST:PORT"),
        ("w=enet://game/level", "comes HOST:PORT, then nothing but"),
        ("w=enet://me@game", "comes HOST:PORT, then nothing but"),
        ("w=enet://game#1", "comes HOST:PORT, then nothing but"),
        ("w=enet://::1", "in brackets"), ("w=enet://game:0", "write the one it listens on"),
        ("w=enet://game:x", "a number from 0 to 65535"),
        ("w=enet://game?Profile=godot4", "use one of profile"), ("w=enet://game?x", "use one of profile"),
        ("w=enet://game?\u{1B}[2J", "use one of profile"),
        ("w=enet://game?profile", "must be godot4 or godot3 or channels"),
        ("w=enet://game?profile=", "must be godot4 or godot3 or channels"),
        ("w=enet://game?profile=godot4=1", "must be godot4 or godot3 or channels"),
        ("w=enet://game?profile=godot4&profile=godot4", "give it once"),
        ("w=enets://", "write HOST:PORT"), ("w=enets://game/level", "after enets:// comes HOST:PORT"),
        ("w=enet://game?ca=a.pem", "ca is for enets:// servers; write enets://game:7777"),
        ("w=enet://game?verify=none", "verify is for enets:// servers"),
        ("w=enet://game?server-name=a", "server-name is for enets:// servers"),
        ("w=enet://game?pin=sha256:AB", "pin is for enets:// servers"),
        ("w=enets://game?ca=", "write it like ca=authority.pem"), ("w=enets://game?ca", "names no file"),
        ("w=enets://game?verify=some", "must be name or ca or none"),
        ("w=enets://game?verify=none&ca=a.pem", "ca has no use beside verify=none"),
        ("w=enets://game?server-name=", "is no host name or address"),
        ("w=enets://game?server-name=a/b", "is no host name or address"),
        ("w=enets://game?server-name=a\u{1B}b", "is no host name or address"),
        ("w=enet://game?profile=datagrams", "write udp://HOST:PORT"),
        ("w=udp://game:1?profile=channels", "leave profile out, or write enet://"),
        ("w=udp://game", "the port is missing"), ("w=udp://game:", "the port is missing"),
        ("w=udp://game:0", "write the one it listens on"),
        ("w=enet://game?channels=2", "channels is for profile=channels only"),
        ("w=enet://game?profile=godot3&connect-data=2", "connect-data is for profile=channels only"),
        ("w=udp://game:1?channels=2", "channels is for profile=channels only"),
        ("w=enet://game?profile=channels&channels=0", "a number of ENet channels from 1 to 255"),
        ("w=enet://game?profile=channels&channels=256", "a number of ENet channels from 1 to 255"),
        ("w=enet://game?profile=channels&channels=+2", "a number of ENet channels from 1 to 255"),
        ("w=enet://game?profile=channels&connect-data=", "must be a number from 0 to 4294967295"),
        ("w=enet://game?profile=channels&connect-data=4294967296", "must be a number from 0 to 4294967295"),
        ("w=enet://game?link-mtu=703", "from 704 to 65535"), ("w=enet://game?link-mtu=+1420", "from 704 to 65535"),
        ("w=enet://game?link-mtu=", "from 704 to 65535"), ("w=enet://game?link-mtu=99999999999999999999", "to 65535"),
        ("w=enet://game?source=host", "must be an address of this host"),
        ("w=enet://game?source=0.0.0.0", "must be an address of this host"),
        ("w=enet://game?interface=", "the name of a network interface"),
        ("w=enet://game?interface=sixteencharacter", "the name of a network interface"),
        ("w=enet://game?interface=a/b", "the name of a network interface"),
        ("w=enet://game?dscp=64", "a number from 0 to 63 or a name"), ("w=enet://game?dscp=AF51", "or a name like EF"),
        ("w=enet://game?dscp=AF14", "or a name like EF"), ("w=enet://game?dscp=CS8", "or a name like EF"),
        ("w=enet://game?dscp=-1", "or a name like EF"), ("w=enet://game?dscp=", "or a name like EF"),
        ("w=enet://game?send-buffer=0", "a number of bytes from 4096"),
        ("w=enet://game?receive-buffer=1e6", "a number of bytes from 4096"),
        ("w=enet://game?private=yes", "write private=allowed"), ("w=enet://game?private", "write private=allowed"),
        ("w=enet://game?compression=gzip", "must be none or range-coder or zlib or zstd or fastlz"),
        ("w=enet://game?compression=", "must be none or range-coder or zlib or zstd or fastlz"),
    ])
    func whatCannotBeUsedIsNamedWithTheCure(text: String, cure: String) {
        let error = #expect(throws: ConfigurationError.self) { try RouteDefinition(parsing: text) }
        expectSentence(error?.description ?? "", begins: "--route ", cure: cure)
    }

    @Test func aNameHas64CharactersAtMost() throws {
        let longest = String(repeating: "n", count: 64)
        let route = try RouteDefinition(parsing: "\(longest)=enet://game")
        #expect(route.name == longest)
        #expect(throws: ConfigurationError.self) { try RouteDefinition(parsing: "\(longest)n=enet://game") }
    }

    @Test(arguments: ["x", "=", "&", "?", "w=", "w=enet://", "w=enet://a?", "\n"])
    func hugeInputsAreRefusedInAShortSentence(start: String) {
        let huge = start + String(repeating: start.last.map(String.init) ?? "x", count: 200_000) + "="
        let error = #expect(throws: ConfigurationError.self) { try RouteDefinition(parsing: huge) }
        expectSentence(error?.description ?? "", begins: "--route ", cure: "")
    }

    @Test func severalKeepTheirOrder() throws {
        let routes = try WrittenSettings(flags: [:], routes: ["b=enet://game", "a=enet://game", "B=enet://game"]).routes
        #expect(routes.map(\.name) == ["b", "a", "B"])
    }

    @Test func aNameThatComesTwiceIsRefused() {
        let error = #expect(throws: ConfigurationFaults.self) {
            try WrittenSettings(flags: [:], routes: ["a=enet://one", "b=enet://two", "a=enet://three"])
        }
        expectSentence(error?.sentences.first ?? "", begins: "--route a ", cure: "give each route a name of its own")
    }
}
