import Foundation
import Testing

/// Debian's tshark, with no settings but those given, and the project's dissector for ENet.
///
/// Without the program the test is reported as skipped; with TORII_REQUIRE_ALL=1 it runs and fails.
struct Tshark {
    static let path = "/usr/bin/tshark"
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: path) }
    static let absence: Comment = "tshark is not there; run Tests/Setup/install-packages test"

    private let folder: URL

    /// - Parameter file: the bytes of a capture.
    init(_ file: [UInt8]) throws {
        try #require(Self.isThere, Self.absence)
        folder = FileManager.default.temporaryDirectory.appending(path: "torii-tshark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(file).write(to: capture)
    }

    func remove() {
        try? FileManager.default.removeItem(at: folder)
    }

    private var capture: URL { folder.appending(path: "session.pcapng") }

    /// What it prints of the file.
    func run(_ arguments: [String]) throws -> String {
        let root = URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: Self.path)
        process.arguments =
            [
                "-n", "-r", capture.path(percentEncoded: false),
                "-X", "lua_script:" + root.appending(path: "Deploy/wireshark/enet.lua").path(percentEncoded: false),
            ] + arguments
        process.environment = ["WIRESHARK_CONFIG_DIR": folder.path(percentEncoded: false), "PATH": "/usr/bin:/bin"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "tshark \(arguments) ended with \(process.terminationStatus)")
        return String(decoding: said, as: UTF8.self)
    }

    /// A packet's values of these fields, in its order, for every packet.
    func fields(_ names: [String]) throws -> [[[String]]] {
        try run(["-T", "fields", "-E", "separator=/t", "-E", "aggregator=,"] + names.flatMap { ["-e", $0] })
            .split(separator: "\n").map { line in
                line.split(separator: "\t", omittingEmptySubsequences: false)
                    .map { $0.split(separator: ",").map(String.init) }
            }
    }

    /// Its opinion of the file with every checksum looked at: errors and warnings, and nothing where there are none.
    func complaints() throws -> String {
        try run(
            [
                "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "sctp.checksum:CRC 32c",
                "-q", "-z", "expert,warn",
            ])
    }
}

extension Trait where Self == ConditionTrait {
    static var requiresTshark: Self {
        .enabled(
            if: Tshark.isThere || ProcessInfo.processInfo.environment["TORII_REQUIRE_ALL"] == "1", Tshark.absence)
    }
}
