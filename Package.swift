// swift-tools-version: 6.2
import PackageDescription

let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")

/// The floors, lowest first. A target imports only targets of lower floors, never a sibling
/// (ARCHITECTURE.md shows the picture; Tests/HouseTests holds the code to it).
let package = Package(
    name: "torii",
    products: [.executable(name: "torii", targets: ["torii"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Floor 0: C libraries and primitives
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CUSRSCTP", providers: [.apt(["libusrsctp-dev"])]),
        .systemLibrary(name: "CENet", pkgConfig: "libenet", providers: [.apt(["libenet-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CSockets"),
        .target(name: "CChecksum"),
        .target(name: "CDispatch"),
        .target(name: "CHandshakeLibrary", dependencies: ["COpenSSL"]),
        .target(name: "Primitives"),

        // Floor 1: one protocol each
        .target(name: "STUN", dependencies: ["COpenSSL", "Primitives"]),
        .target(name: "SDP", dependencies: ["Primitives"]),
        .target(name: "DTLS", dependencies: ["CHandshakeLibrary", "COpenSSL", "Primitives"]),
        .target(name: "SCTP", dependencies: ["CChecksum", "CUSRSCTP", "Primitives"]),
        .target(name: "DataChannels", dependencies: ["Primitives"]),
        .target(name: "ENet", dependencies: ["CENet", "CZlib", "CZstd", "Primitives"]),
        .target(name: "Impairment", dependencies: ["Primitives"]),
        .target(name: "Capture", dependencies: ["Primitives"]),
        .target(name: "JOSE", dependencies: ["COpenSSL"]),
        .target(name: "TLS", dependencies: ["COpenSSL"]),

        // Floor 2: what ICE makes of STUN, and what a data channel is in ENet
        .target(name: "ICE", dependencies: ["STUN", "Primitives"]),
        .target(name: "Bridge", dependencies: ["DataChannels", "ENet", "SCTP", "Primitives", collections]),

        // Floor 3: the browser's side as one machine
        .target(
            name: "WebRTC", dependencies: ["Capture", "DTLS", "DataChannels", "ICE", "SCTP", "STUN", "Primitives"]),

        // Floor 4: the product minus the world
        .target(
            name: "Gateway",
            dependencies: [
                "Bridge", "Capture", "DTLS", "DataChannels", "ENet", "ICE", "SCTP", "SDP", "STUN", "WebRTC",
                "Primitives",
                collections,
            ]),

        // Floor 5, the shell: the only ones with sockets, clocks, files or threads
        .target(
            name: "Configuration",
            dependencies: [
                "Bridge", "DTLS", "ENet", "Gateway", "JOSE", "TLS", "Primitives",
                .product(name: "Yams", package: "Yams"),
            ]),
        .target(
            name: "DataPlane",
            dependencies: ["CSockets", "DTLS", "ENet", "Gateway", "ICE", "Impairment", "SCTP", "SDP", "Primitives"]),
        .target(
            name: "Operations",
            dependencies: [
                "Gateway", "Primitives", "SCTP", .product(name: "Logging", package: "swift-log"), collections,
            ]),
        .target(
            name: "Signaling",
            dependencies: [
                "Gateway", "Impairment", "JOSE", "SDP", "STUN", "TLS", "Primitives",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            path: "Signaling",
            exclude: ["demo.png", "godot", "client/README.md", "client/package.json", "client/torii.d.ts"],
            sources: ["Server"],
            resources: [.copy("demo"), .embedInCode("client/torii.js"), .embedInCode("openapi.yaml")]
                + [
                    "admin.html", "admin.css", "admin.js", "api.js", "plots.js", "sessions.js", "icon.svg",
                    "admin-api.yaml",
                ].map { .embedInCode("admin/\($0)") }),
        .target(name: "Discovery", dependencies: ["Gateway", "TLS", "Primitives"]),
        .target(name: "DemoWorld", dependencies: ["CSockets", "ENet", "Primitives"]),

        // Floor 6: the command
        .executableTarget(
            name: "torii",
            dependencies: [
                "CDispatch", "Configuration", "DataPlane", "DemoWorld", "Discovery", "DTLS", "ENet", "Gateway",
                "Impairment", "JOSE",
                "Operations", "SDP", "TLS",
                "Signaling", "Primitives", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),

        // Tests mirror the floors. Programs that tests start (torii too) are no dependencies of theirs, so as not to be
        // linked into them; the tests find them beside their own executable.
        .executableTarget(name: "EnetEchoServer", dependencies: ["CENet"], path: "Tests/Interop/EnetEchoServer"),
        .executableTarget(name: "CrowdedPool", dependencies: ["CDispatch"], path: "Tests/Interop/CrowdedPool"),
        .testTarget(name: "PrimitivesTests", dependencies: ["Primitives"]),
        .testTarget(name: "STUNTests", dependencies: ["STUN", "Primitives"]),
        .testTarget(name: "SDPTests", dependencies: ["SDP", "Primitives"]),
        .target(name: "WebServices", path: "Tests/Support/WebServices"),
        .target(name: "TokenSigning", dependencies: ["COpenSSL"], path: "Tests/Support/TokenSigning"),
        .testTarget(name: "JOSETests", dependencies: ["JOSE", "TokenSigning"]),
        .target(name: "LibENet", path: "Tests/Support/LibENet"),
        .testTarget(name: "ENetTests", dependencies: ["ENet", "LibENet", "Primitives"]),
        .testTarget(name: "CaptureTests", dependencies: ["Capture", "Primitives"]),
        .testTarget(name: "ImpairmentTests", dependencies: ["Impairment", "Primitives"]),
        .testTarget(name: "DemoWorldTests", dependencies: ["DemoWorld", "ENet", "Primitives"]),
        .target(name: "HeapInUse", path: "Tests/Support/HeapInUse"),
        .target(name: "SimulatedClock", path: "Tests/Support/SimulatedClock"),
        .target(
            name: "SimulationSupport",
            dependencies: [
                "Bridge", "COpenSSL", "DTLS", "DataChannels", "ENet", "Gateway", "ICE", "Primitives", "SCTP", "SDP",
                "STUN",
                "SimulatedClock",
            ],
            path: "Tests/Support/Simulation"),
        // Tests/Fuzz/README.md says how libFuzzer gets into the program; without it, it replays files.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "COpenSSL", "DTLS", "DataChannels", "ENet", "Gateway", "Primitives", "SCTP", "SDP", "STUN",
                "SimulationSupport",
            ],
            path: "Tests/Fuzz/Targets"),
        .executableTarget(name: "Fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Driver"),
        .testTarget(name: "FuzzReplayTests", dependencies: ["FuzzTargets", "SimulationSupport"]),
        .testTarget(name: "DTLSTests", dependencies: ["COpenSSL", "DTLS", "Primitives", "SimulationSupport"]),
        .testTarget(name: "SCTPTests", dependencies: ["CChecksum", "SCTP", "Primitives", "SimulationSupport"]),
        .testTarget(name: "DataChannelsTests", dependencies: ["DataChannels", "Primitives", "SimulationSupport"]),
        .testTarget(name: "ICETests", dependencies: ["ICE", "STUN", "Primitives", "SimulationSupport"]),
        .testTarget(
            name: "WebRTCTests",
            dependencies: [
                "WebRTC", "DTLS", "DataChannels", "Gateway", "ICE", "SCTP", "SDP", "STUN", "Primitives",
                "SimulationSupport",
            ]),
        .testTarget(
            name: "BridgeTests",
            dependencies: ["Bridge", "DataChannels", "ENet", "SCTP", "Primitives", "SimulationSupport"]),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway", "Bridge", "DTLS", "ENet", "ICE", "SCTP", "SDP", "STUN", "WebRTC", "Primitives",
                "SimulationSupport",
            ]),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Gateway", "Bridge", "Capture", "DTLS", "DataChannels", "ENet", "SCTP", "SDP", "STUN", "Primitives",
                "SimulationSupport",
            ],
            path: "Tests/Simulation", exclude: ["run", "memory", "JoinMemory"]),
        .executableTarget(
            name: "JoinMemory",
            dependencies: ["DTLS", "ENet", "Gateway", "HeapInUse", "Primitives", "SDP", "SimulationSupport"],
            path: "Tests/Simulation/JoinMemory"),
        .executableTarget(
            name: "QualityBenchmark", dependencies: ["ENet", "Gateway", "Primitives", "SCTP", "SimulationSupport"],
            path: "Benchmarks/Quality"),
        .executableTarget(
            name: "BenchmarkMessage", dependencies: ["Gateway", "Primitives", "SimulationSupport"],
            path: "Benchmarks/Instructions"),
        .executableTarget(
            name: "BenchmarkFloors",
            dependencies: [
                "Bridge", "Capture", "DTLS", "DataChannels", "ENet", "Gateway", "ICE", "Impairment", "JOSE",
                "Primitives", "SCTP", "SDP", "STUN", "SimulationSupport", "TLS", "TokenSigning", "WebRTC",
            ],
            path: "Benchmarks/Floors"),
        // Players, a long way and a server for benchmarks with real sockets (Benchmarks/real-quality).
        .target(
            name: "BenchmarkPlayers",
            dependencies: [
                "CChecksum", "CSockets", "CUSRSCTP", "DTLS", "DataChannels", "ENet", "Primitives", "SCTP", "SDP",
                "STUN", "SimulationSupport",
            ],
            path: "Benchmarks/Load/Players"),
        .executableTarget(
            name: "BenchmarkLoad",
            dependencies: [
                "BenchmarkPlayers", "ENet", "Primitives", "SCTP",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/Load/Generator"),
        // An hour of all that a gateway meets (Benchmarks/hold).
        .executableTarget(
            name: "BenchmarkHold",
            dependencies: [
                "BenchmarkPlayers", "ENet", "Primitives", "SCTP", "SDP", "SimulationSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/Load/Hold"),
        // A gateway beside others (Benchmarks/compare).
        .executableTarget(
            name: "BenchmarkCrowd",
            dependencies: [
                "BenchmarkPlayers", "CSockets", "ENet", "Primitives", "SCTP",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/Compare/Crowd"),
        .executableTarget(name: "BenchmarkRelay", path: "Benchmarks/Compare/Relay"),
        .executableTarget(name: "BenchmarkLink", path: "Benchmarks/Load/Link"),
        .executableTarget(name: "BenchmarkServer", dependencies: ["CENet"], path: "Benchmarks/Load/Server"),
        .testTarget(
            name: "SignalingTests",
            dependencies: [
                "Signaling", "Bridge", "Gateway", "DTLS", "Impairment", "JOSE", "SCTP", "SDP", "STUN", "Primitives",
                "SimulationSupport", "TLS", "TokenSigning", "WebServices",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .testTarget(
            name: "ConfigurationTests",
            dependencies: ["Configuration", "Bridge", "DTLS", "ENet", "Gateway", "JOSE", "Primitives", "TokenSigning"]),
        .testTarget(
            name: "OperationsTests",
            dependencies: ["Operations", "Gateway", "Primitives", .product(name: "Logging", package: "swift-log")]),
        .testTarget(
            name: "DataPlaneTests",
            dependencies: [
                "CSockets", "DataPlane", "DemoWorld", "Gateway", "ICE", "Impairment", "SDP", "STUN", "Primitives",
                "SimulationSupport",
            ]),
        .testTarget(name: "DiscoveryTests", dependencies: ["Discovery", "Gateway", "Primitives", "WebServices"]),
        .testTarget(name: "CommandTests", dependencies: ["TokenSigning"]),
        .testTarget(name: "DeployTests"),
        .testTarget(name: "HouseTests", dependencies: ["Configuration", "Gateway", "Operations"]),
        .target(name: "NetworkNamespaces", path: "Tests/Support/NetworkNamespaces"),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["DemoWorld", "ENet", "LibENet", "NetworkNamespaces", "Primitives", "TokenSigning"],
            path: "Tests/EndToEnd", exclude: ["Pages", "Servers", "Contract", "Package", "README.md"]),
    ],
    swiftLanguageModes: [.v6]
)

// What the suite's simulation and fuzzing spend their time in is optimised in debug builds too: they take a quarter of
// the time so.
let optimised = [
    "Primitives", "STUN", "SDP", "DTLS", "Capture", "SCTP", "DataChannels", "ENet", "ICE", "Bridge", "WebRTC",
    "Gateway",
    "SimulationSupport", "SimulationTests",
]
/// Modules as wholes, which builds faster too; with several threads each file still has the object that SwiftPM links.
/// Batches of files, which SwiftPM asks for in debug builds, are then none.
let optimisation = ["-O", "-whole-module-optimization", "-num-threads", "2", "-disable-batch-mode"]
for target in package.targets where optimised.contains(target.name) {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [.unsafeFlags(optimisation, .when(configuration: .debug))]
}

// Whether two accesses to a property of an object overlap is looked at while the program runs, with each of them. Debug
// builds, which the suite and the fuzzing run, do so; in release builds it was about a fifteenth of the samples of a profile.
let own: [Target.TargetType] = [.regular, .executable]
for target in package.targets
where own.contains(target.type) && !["CChecksum", "CDispatch", "CHandshakeLibrary", "CSockets"].contains(target.name) {
    target.swiftSettings =
        (target.swiftSettings ?? [])
        + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]
}
