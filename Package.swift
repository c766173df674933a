// swift-tools-version: 6.2
import PackageDescription

/// The floors, lowest first. A target imports only targets named before it, never a sibling
/// (ARCHITECTURE.md shows the picture; Tests/HouseTests holds the code to it).
let package = Package(
    name: "torii",
    products: [],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        // Floor 0: C libraries and primitives
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CUSRSCTP", providers: [.apt(["libusrsctp-dev"])]),
        .systemLibrary(name: "CENet", pkgConfig: "libenet", providers: [.apt(["libenet-dev"])]),
        .target(name: "CSockets"),
        .target(name: "Primitives"),

        // Floor 1: one protocol each
        .target(name: "STUN", dependencies: ["COpenSSL", "Primitives"]),
        .target(name: "SDP", dependencies: ["Primitives"]),
    ],
    swiftLanguageModes: [.v6]
)
