import Foundation
import Testing

/// The floors of ARCHITECTURE.md, lowest first.
@Suite struct FloorTests {
    private static let floors: [Set<String>] = [
        [
            "COpenSSL", "CUSRSCTP", "CENet", "CZlib", "CZstd", "CChecksum", "CDispatch", "CHandshakeLibrary",
            "CSockets",
            "Primitives",
        ],
        ["STUN", "SDP", "DTLS", "SCTP", "DataChannels", "ENet", "Impairment", "JOSE", "TLS", "Capture"],
        ["ICE", "Bridge"],
        ["WebRTC"],
        ["Gateway"],
        ["Configuration", "DataPlane", "Operations", "Signaling", "DemoWorld", "Discovery"],
        ["torii"],
    ]

    /// The floor from which on modules may know clocks, sockets, files and threads.
    private static let shell = 5

    /// Who may use what others made. Glibc is everybody's: the rules below say what of it.
    private static let outside: [String: Set<String>] = [
        "DequeModule": ["Bridge", "Gateway", "Operations"],
        "Synchronization": ["DataPlane", "DemoWorld", "Discovery", "Operations", "Signaling", "torii"],
        "Logging": ["Operations", "torii"],
        "ArgumentParser": ["torii"],
        "NIOCore": ["Signaling"], "NIOPosix": ["Signaling"], "NIOHTTP1": ["Signaling"],
        "Foundation": ["Discovery", "Signaling"],
        "Yams": ["Configuration"],
    ]

    /// The only module that may use a C library.
    private static let owners = [
        "CChecksum": ["SCTP"], "CHandshakeLibrary": ["DTLS"], "CUSRSCTP": ["SCTP"], "CENet": ["ENet"],
        "CZlib": ["ENet"], "CZstd": ["ENet"],
        "COpenSSL": ["DTLS", "JOSE", "STUN", "TLS"],
    ]

    private static func floor(of module: String) -> Int? {
        floors.firstIndex { $0.contains(module) }
    }

    @Test func everyModuleHasItsFloor() throws {
        let names = try FileManager.default.contentsOfDirectory(
            atPath: Checkout.root.appending(path: "Sources").path(percentEncoded: false))
        let folders = names.filter { $0 != "README.md" }
        #expect(Set(folders + ["Signaling"]) == Self.floors.reduce([]) { $0.union($1) })
        #expect(SourceFile.all.count > 100)
    }

    @Test func importsGoDownwardsOnly() throws {
        for file in SourceFile.all {
            let own = try #require(Self.floor(of: file.module))
            for module in file.imports {
                if let floor = Self.floor(of: module) {
                    #expect(floor < own, "\(file.path) imports \(module)")
                } else if module != "Glibc" {
                    #expect(Self.outside[module]?.contains(file.module) == true, "\(file.path) imports \(module)")
                }
            }
        }
    }

    @Test func everyLibraryHasItsOwner() {
        for file in SourceFile.all {
            for module in file.imports where Self.owners[module] != nil {
                #expect(Self.owners[module]?.contains(file.module) == true, "\(file.path) imports \(module)")
            }
        }
    }

    @Test func thePictureShowsTheSameFloors() throws {
        let lines = try Checkout.text("ARCHITECTURE.md").split(separator: "\n")
        for (floor, modules) in Self.floors.enumerated() {
            let line = try #require(lines.first { $0.hasPrefix("\(floor)  ") }, "floor \(floor)")
            let words = Set(line.split { !$0.isLetter }.map(String.init))
            #expect(words.isSuperset(of: modules), "floor \(floor) lacks \(modules.subtracting(words))")
        }
    }

    /// System calls, and what stands for them in Swift.
    private static let worldlyCalls = [
        "time", "clock", "clock_gettime", "gettimeofday", "sleep", "usleep", "nanosleep", "rand", "random", "getrandom",
        "arc4random", "socket", "sendto", "sendmsg", "sendmmsg", "recv", "recvfrom", "recvmsg", "recvmmsg", "poll",
        "epoll_wait", "fopen", "getenv", "fork", "pthread_create",
    ]
    /// Those whose names the core has for things of its own, so that only the qualified ones can be told.
    private static let qualifiedCalls =
        #"Glibc\.(?:select|open|close|read|write|send|bind|connect|listen|accept|exit)\s*\("#
    private static let worldlyNames = [
        "SystemRandomNumberGenerator", "ContinuousClock", "SuspendingClock", "Date", "Thread", "Task", "DispatchQueue",
        "DispatchTime", "FileManager", "FileHandle", "Mutex", "Atomic",
    ]

    /// Below the shell time, randomness and bytes are arguments.
    @Test func theCoreKnowsNoClockNoChanceNoSocketNoFileAndNoThread() throws {
        // Methods have a dot before them.
        let calls = try Regex(#"(?:^|[^\w.])(?:"# + Self.worldlyCalls.joined(separator: "|") + #")\s*\("#)
        let qualified = try Regex(Self.qualifiedCalls)
        let names = try Regex(#"\b(?:"# + Self.worldlyNames.joined(separator: "|") + #")\b"#)
        let chance = #/\.(?:random|shuffled|randomElement)\((?!.*using:)/#
        for file in SourceFile.all where Self.floor(of: file.module).map({ $0 < Self.shell }) == true {
            let places = [calls, qualified, names].flatMap { file.places(of: $0) } + file.places(of: chance)
            #expect(places.isEmpty)
        }
    }
}
