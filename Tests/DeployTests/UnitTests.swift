import Foundation
import Testing

/// systemd's unit, by what systemd itself says of it.
@Suite struct UnitTests {
    private static let unit = "Deploy/systemd/torii.service"

    @Test(.requires(.systemdAnalyze)) func systemdFindsNothingWrong() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "torii-unit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // It looks whether the command is there, which is not installed here.
        let copy = folder.appending(path: "torii.service")
        try Checkout.text(Self.unit).replacing("=/usr/bin/torii serve", with: "=/bin/true serve")
            .write(to: copy, atomically: true, encoding: .utf8)
        let outcome = try Checker.systemdAnalyze.run(["verify", "--man=no", "--recursive-errors=yes", copy.path])
        #expect(outcome.said.isEmpty)
        #expect(outcome.status == 0)
    }

    /// What is left open is what a gateway is for: the network, and the addresses of its host.
    @Test(.requires(.systemdAnalyze)) func itIsHardened() throws {
        let outcome = try Checker.systemdAnalyze.run(
            ["security", "--offline=true", "--threshold=12", "--no-pager", Checkout.path(Self.unit)])
        #expect(
            outcome.status == 0,
            "\(outcome.said.split(separator: "\n").filter { $0.hasPrefix("✗") || $0.hasPrefix("→") })")
        #expect(outcome.said.contains("Overall exposure level for torii.service"))
    }

    @Test func itWaitsLongerThanADrain() throws {
        let unit = try Checkout.text(Self.unit)
        let drain = try #require(unit.firstMatch(of: #/--drain-timeout (\d+)/#).flatMap { Int($0.1) })
        let stop = try #require(unit.firstMatch(of: #/\nTimeoutStopSec=(\d+)\n/#).flatMap { Int($0.1) })
        #expect(stop >= drain + 20)
    }
}
