import Foundation
import Primitives
import SimulationSupport
import Testing

@testable import SCTP

/// The packets with which browsers begin an association (Fixtures/sctp).
@Suite(.onTheSCTPStack) struct BrowserInitTests {
    /// The windows are what each browser has room for.
    @Test(arguments: [("chromium", 5 << 20), ("firefox", 16 << 20)] as [(String, UInt32)])
    func saysWhatTheBrowserSupports(browser: String, window: UInt32) throws {
        let chunk = try #require(InitChunk(parsing: Array(try Self.packet(of: browser).dropFirst(Self.commonHeader))))
        #expect(chunk.window == window)
        #expect(chunk.outboundStreams == 65_535 && chunk.inboundStreams == 65_535)
        #expect(chunk.extensions == SupportedExtensions(partialReliability: true, streamReconfiguration: true))
    }

    /// Cut anywhere it is not taken for an INIT, and the whole one is answered after all that.
    @Test(arguments: ["chromium", "firefox"]) func truncationAtEveryByte(browser: String) throws {
        let packet = try Self.packet(of: browser)
        let association = try SCTPAssociation(
            stack: .shared, localPort: 5000, remotePort: 5000, maximumMessageSize: 1_000)
        try association.connect()
        association.outgoing.removeAll()
        for count in 0..<packet.count {
            packet.prefix(count).withUnsafeBytes { _ = association.receive($0, at: .zero) }
        }
        #expect(association.outgoing.isEmpty)
        packet.withUnsafeBytes { _ = association.receive($0, at: .zero) }
        var answers: [[UInt8]] = []
        association.outgoing.forEach { answers.append(Array($0)) }
        let answer = try #require(answers.first)
        // RFC 9260 §8.5.1: INIT ACK bears the tag of the INIT.
        #expect(answer[4..<8] == packet[16..<20])
        #expect(answer[Self.commonHeader] == InitChunk.initAckType)
    }

    private static let commonHeader = 12

    private static func packet(of browser: String, file: String = #filePath) throws -> [UInt8] {
        let root = URL(fileURLWithPath: file)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "Fixtures/sctp/\(browser)-init.hex"), encoding: .utf8)
        return try text.split(whereSeparator: \.isWhitespace).map { try #require(UInt8($0, radix: 16)) }
    }
}
