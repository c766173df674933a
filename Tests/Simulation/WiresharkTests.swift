import Capture
import ENet
import Foundation
import Gateway
import Primitives
import SimulationSupport
import Testing

/// What real tshark makes of captures, with the dissector for ENet that operators get.
@Suite(.onTheSCTPStack, .requiresTshark) struct WiresharkTests {
    private func whitespaceOnly(_ text: String) -> Bool { text.allSatisfy(\.isWhitespace) }

    @Test(arguments: [CaptureOptions.Payloads.zeroed, .kept]) func aSessionIsDissected(
        payloads: CaptureOptions.Payloads
    ) throws {
        let play = try CapturedPlay("plain", payloads: payloads)
        play.exchange(12, stream: 0)
        let bytes = try play.stop()
        let file = try CaptureFile(bytes)
        let tshark = try Tshark(bytes)
        defer { tshark.remove() }
        #expect(whitespaceOnly(try tshark.complaints()))
        let packets = try tshark.fields(
            [
                "frame.time_epoch", "frame.interface_name", "_ws.col.Protocol", "sctp.chunk_type",
                "sctp.data_payload_proto_id", "rtcdc.message_type", "rtcdc.label", "enet.command",
            ])
        // Every packet, with its time and its leg.
        #expect(packets.count == file.packets.count)
        for (packet, written) in zip(packets, file.packets) {
            #expect(packet[0] == [Self.seconds(written.time)])
            #expect(packet[1] == [written.interface == 0 ? "browser" : "server"])
            #expect(packet[2] == ["ENet"] || written.interface == 0)
        }
        let browser = packets.filter { $0[1] == ["browser"] }
        // INIT, INIT ACK, COOKIE ECHO, COOKIE ACK, SACK, DATA; all are SCTP.
        #expect(Set(browser.flatMap { $0[3] }).isSuperset(of: ["1", "2", "10", "11", "3", "0"]))
        #expect(browser.allSatisfy { !$0[3].isEmpty })
        // DATA_CHANNEL_OPEN and its ACK, then twelve messages there and back.
        #expect(Set(browser.flatMap { $0[5] }) == ["3", "2"])
        #expect(browser.flatMap { $0[6] } == ["0"])
        let protocols = browser.flatMap { $0[4] }
        #expect(protocols.filter { $0 == "50" }.count == 2)
        #expect(protocols.filter { $0 == "53" }.count == 24)
        // CONNECT, VERIFY_CONNECT, and as many packets as messages.
        let commands = packets.flatMap { $0[7] }
        #expect(commands.filter { $0 == "2" }.count == 1 && commands.filter { $0 == "3" }.count == 1)
        #expect(commands.filter { $0 == "6" }.count == 24)
    }

    private static func seconds(_ time: UInt64) -> String {
        let fraction = String(time % 1_000_000_000)
        return "\(time / 1_000_000_000)." + String(repeating: "0", count: 9 - fraction.count) + fraction
    }

    /// Large packets, which both sides cut, and what compression and DTLS hide on the wire.
    @Test(arguments: [(Compression.zlib, false), (.none, true), (.fastlz, true)])
    func whatIsCompressedOrProtectedIsDissectedToo(compression: Compression, isSecured: Bool) throws {
        let play = try CapturedPlay("godot", compression: compression, front: isSecured ? SecuredFront() : nil)
        play.browser.send([UInt8](repeating: 7, count: 20_000), stream: 1)
        #expect(play.world.run(for: 3_000) { _ in play.browser.received.count == 1 })
        play.exchange(12, stream: 2)
        play.browser.close()
        #expect(play.world.run(for: 3_000) { $0.core.sessionCount == 0 })
        let bytes = try #require(play.take()).bytes
        let tshark = try Tshark(bytes)
        defer { tshark.remove() }
        #expect(whitespaceOnly(try tshark.complaints()))
        let server = try tshark.fields(["frame.interface_name", "enet.compressed", "enet.command", "enet.data"])
            .filter { $0[0] == ["server"] }
        #expect(server.allSatisfy { $0[1] == ["0"] && !$0[2].isEmpty })
        let commands = Set(server.flatMap { $0[2] })
        #expect(commands.isSuperset(of: ["1", "2", "3", "4", "5", "7", "8"]))
        let data: [String] = server.flatMap { $0[3] }
        #expect(!data.isEmpty && data.joined().allSatisfy { $0 == "0" })
        let comments: [String] = try tshark.fields(["frame.number", "frame.comment"]).flatMap { $0[1] }
        #expect(comments.contains { $0.hasPrefix("Compressed to") } == (compression != .none))
    }

    /// Without a handshake of SCTP on the wire (SNAP), and a browser whose datagrams come framed on a TCP connection.
    @Test(arguments: [(true, false), (false, true)])
    func otherBeginningsAreDissected(offersSNAP: Bool, isOverTCP: Bool) throws {
        let play = try CapturedPlay("plain", offersSNAP: offersSNAP, isOverTCP: isOverTCP)
        play.exchange(12, stream: offersSNAP ? 1 : 0)
        #expect(play.browser.isAccelerated == offersSNAP)
        #expect(play.world.streamCount == (isOverTCP ? 1 : 0))
        let tshark = try Tshark(try play.stop())
        defer { tshark.remove() }
        #expect(whitespaceOnly(try tshark.complaints()))
        let browser = try tshark.fields(
            ["frame.interface_name", "sctp.chunk_type", "sctp.data_payload_proto_id", "rtcdc.label"]
        ).filter { $0[0] == ["browser"] }
        let beginning: Set = ["1", "2", "10", "11"]
        let chunks = Set(browser.flatMap { $0[1] })
        #expect(chunks.isSuperset(of: ["3", "0"]))
        #expect(chunks.intersection(beginning) == (offersSNAP ? [] : beginning))
        #expect(browser.flatMap { $0[2] }.filter { $0 == "53" }.count == 24)
        #expect(browser.flatMap { $0[3] } == ["0"])
    }

    /// Over IPv6, and between ends that are not known.
    @Test func otherAddressesAreDissected() throws {
        let play = try CapturedPlay("plain")
        play.exchange(3, stream: 0)
        let packets = try CaptureFile(try play.stop()).packets
        let remote = TransportAddress(ipv6: 0x2001_0DB8_0000_0000, 7, port: 7777)
        let local = TransportAddress(ipv6: 0x2001_0DB8_0000_0000, 1, port: 20_000)
        for endpoints in [
            Endpoints(remote: remote, local: local), Endpoints(remote: remote, local: nil),
            Endpoints(remote: nil, local: nil),
        ] {
            var recording = CaptureRecording(
                start: 0, comment: "", descriptions: { _ in "" }, byteLimit: 1 << 20, waitingLimit: 1 << 20)
            for packet in packets {
                _ = recording.append(
                    InternetPacket.make(
                        packet.interface == 0 ? .sctp : .udp, packet.payload, packet.direction == 1 ? .received : .sent,
                        between: endpoints),
                    on: packet.interface == 0 ? .browser : .server, packet.direction == 1 ? .received : .sent,
                    at: packet.time)
            }
            let tshark = try Tshark(recording.take())
            defer { tshark.remove() }
            #expect(whitespaceOnly(try tshark.complaints()))
            let protocols = try tshark.fields(["sctp.chunk_type", "enet.command"])
            #expect(protocols.count == packets.count && protocols.allSatisfy { !$0[0].isEmpty || !$0[1].isEmpty })
        }
    }
}
