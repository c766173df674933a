import Discovery
import Foundation
import Glibc
import Primitives
import Testing

/// A real dnsmasq on a loopback port, with the records it is told, and no others.
///
/// Without the program the test is reported as skipped; with TORII_REQUIRE_ALL=1 it runs and fails.
final class NameServer {
    let address: TransportAddress
    private let process = Process()
    private let hosts: URL

    static let path = "/usr/sbin/dnsmasq"
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: path) }
    static let absence: Comment = "dnsmasq is not there; run Tests/Setup/install-packages test"

    /// - Parameters:
    ///   - records: options like `--srv-host=…`.
    ///   - names: lines of a hosts(5) file, which can change.
    init(_ records: [String] = [], names: String = "") throws {
        try #require(Self.isThere, Self.absence)
        hosts = FileManager.default.temporaryDirectory.appending(path: "torii-hosts-\(UUID().uuidString)")
        try names.write(to: hosts, atomically: true, encoding: .utf8)
        // A loopback address of its own, with a port that the kernel gives to nobody: a free one is soon somebody else's.
        address = TransportAddress(ipv4: 0x7F00_0000 | .random(in: 0x01_0001...0xFE_FFFE), port: 20_053)
        let errors = Pipe()
        process.executableURL = URL(filePath: Self.path)
        process.arguments =
            [
                "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--no-ping",
                "--pid-file=", "--listen-address=\(address.host)", "--bind-interfaces", "--port=\(address.port)",
                "--log-facility=-",
                "--user=\(NSUserName())", "--local=/example/", "--addn-hosts=\(hosts.path(percentEncoded: false))",
            ] + records
        process.standardInput = FileHandle.nullDevice
        process.standardError = errors
        // The mask is inherited, and the threads that tests run on have one of their own.
        var none = sigset_t()
        var previous = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        try process.run()
        // It listens before it says so.
        var said = ""
        while !said.contains("started") {
            let some = errors.fileHandleForReading.availableData
            try #require(!some.isEmpty, "dnsmasq ended: \(said)")
            said += String(decoding: some, as: UTF8.self)
        }
        errors.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: hosts)
    }

    /// Names it knows from now on: it reads them again at SIGHUP.
    func change(names: String) throws {
        try names.write(to: hosts, atomically: true, encoding: .utf8)
        kill(process.processIdentifier, SIGHUP)
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}

extension Trait where Self == ConditionTrait {
    static var requiresDnsmasq: Self {
        .enabled(
            if: NameServer.isThere || ProcessInfo.processInfo.environment["TORII_REQUIRE_ALL"] == "1",
            NameServer.absence)
    }
}
