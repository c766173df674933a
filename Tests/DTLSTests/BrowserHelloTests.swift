import Foundation
import Primitives
import SimulationSupport
import Testing

@testable import DTLS

/// ClientHellos as browsers send them, in two datagrams because of their post-quantum key shares (Fixtures/dtls).
@Suite struct BrowserHelloTests {
    static let browsers = ["chromium", "firefox"]

    static let arrivals: [[Int]] = [[0, 1], [1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 0, 1]]

    /// In either order, and what came before again: from the network, or from a browser that heard nothing for 50 ms, whose
    /// records then have other numbers.
    @Test(arguments: browsers, arrivals) func bothDatagramsMakeAFlight(browser: String, arrival: [Int]) throws {
        for isSentAgain in [false, true] {
            let parts = try Self.hello(of: browser)
            let server = try Self.server()
            for (at, part) in arrival.enumerated() {
                #expect((Set(arrival[..<at]).count == 2) == Self.isAnswered(by: server))
                var record = parts[part]
                if isSentAgain { record[10] = UInt8(at) }
                #expect(Self.deliver(record, to: server) == .handshake)
            }
            #expect(Self.isAnswered(by: server))
            #expect(server.state == .handshaking)
        }
    }

    /// RFC 6347 §4.1.1: several records may share a datagram.
    @Test(arguments: browsers) func bothRecordsInOneDatagramMakeAFlight(browser: String) throws {
        let server = try Self.server()
        #expect(Self.deliver(try Self.hello(of: browser).flatMap { $0 }, to: server) == .handshake)
        #expect(Self.isAnswered(by: server))
    }

    /// A record that is longer than its datagram is none (RFC 6347 §4.1.2.7), and the whole hello is heard after it.
    @Test(arguments: browsers) func truncationAtEveryByte(browser: String) throws {
        let parts = try Self.hello(of: browser)
        let server = try Self.server()
        for part in parts {
            for count in 0..<part.count { Self.deliver(Array(part.prefix(count)), to: server) }
        }
        #expect(server.state == .handshaking)
        #expect(server.outgoing.isEmpty)
        for part in parts { Self.deliver(part, to: server) }
        #expect(Self.isAnswered(by: server))
    }

    /// Records that are as short as their datagrams, so that the fragments in them are cut: not answered, whatever else
    /// becomes of the connection.
    @Test(arguments: browsers, [0, 1]) func fragmentsCutAtEveryByte(browser: String, cut: Int) throws {
        let parts = try Self.hello(of: browser)
        let context = try DTLSPair.context()
        for count in Self.recordHeader..<parts[cut].count {
            var shorter = Array(parts[cut].prefix(count))
            let length = count - Self.recordHeader
            shorter[11] = UInt8(length >> 8)
            shorter[12] = UInt8(length & 0xFF)
            let server = try DTLSConnection(context: context, role: .server, fingerprints: [])
            Self.deliver(parts[1 - cut], to: server)
            Self.deliver(shorter, to: server)
            #expect(!Self.isAnswered(by: server), "\(count) bytes")
        }
    }

    /// RFC 5764 §4.1.1: the extension with one profile and no MKI. Only who plays a browser offers it.
    @Test func srtpIsOfferedWhereItIsAskedFor() throws {
        let extensionBytes: [UInt8] = [0, 14, 0, 5, 0, 2, 0, 1, 0]
        for isAskedFor in [false, true] {
            let context = try DTLSPair.context()
            if isAskedFor { try context.offerSRTP() }
            let client = try DTLSConnection(context: context, role: .client, fingerprints: [])
            client.start(at: Instant(nanoseconds: 1_000_000_000))
            var hello: [UInt8] = []
            client.outgoing.forEach { hello += $0 }
            #expect(!hello.isEmpty)
            #expect((hello.firstRange(of: extensionBytes) != nil) == isAskedFor)
        }
    }

    private static let recordHeader = 13

    private static func server() throws -> DTLSConnection {
        try DTLSConnection(context: DTLSPair.context(), role: .server, fingerprints: [])
    }

    /// The two datagrams.
    private static func hello(of browser: String, file: String = #filePath) throws -> [[UInt8]] {
        let root = URL(fileURLWithPath: file)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try (1...2).map { number in
            let path = root.appending(path: "Fixtures/dtls/\(browser)-hello-\(number).hex")
            let text = try String(contentsOf: path, encoding: .utf8)
            return try text.split(whereSeparator: \.isWhitespace).map { try #require(UInt8($0, radix: 16)) }
        }
    }

    @discardableResult
    private static func deliver(_ bytes: [UInt8], to server: DTLSConnection) -> DTLSConnection.Reception {
        bytes.withUnsafeBytes { server.receive($0, at: Instant(nanoseconds: 1_000_000_000)) }
    }

    /// Whether its first datagram is a handshake record with a ServerHello.
    private static func isAnswered(by server: DTLSConnection) -> Bool {
        var first: [UInt8]?
        server.outgoing.forEach { first = first ?? Array($0) }
        guard let first, first.count > recordHeader else { return false }
        return first[0] == 22 && first[recordHeader] == 2
    }
}
