import Glibc
import LibENet
import Primitives
import Testing

@testable import ENet

/// Against real libenet, whose game must take no notice.
@Suite(.serialized) struct ConnectProbeTests {
    /// A UDP socket to a port of this host.
    private final class ProbeSocket {
        let descriptor: Int32

        init(port: UInt16) throws {
            descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let status = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            try #require(status == 0)
        }

        deinit { close(descriptor) }

        func send(_ bytes: [UInt8]) {
            _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        }

        /// The next datagram; nil when none comes for so long.
        func receive(within milliseconds: Int32 = 10_000) -> [UInt8]? {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, milliseconds) == 1 else { return nil }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            return count >= 0 ? Array(bytes.prefix(count)) : nil
        }

        /// Waits for an answer; the farewell to it.
        func farewell(_ probe: ConnectProbe) -> [UInt8]? {
            while let datagram = receive() {
                if let farewell = datagram.withUnsafeBytes({ probe.farewell(to: $0) }) { return farewell }
            }
            return nil
        }
    }

    /// The server has places for four, so ten in a row need each to be given back; and then a player comes, of whom the
    /// game hears first.
    @Test(arguments: LibENet.available, [Compression.none, .rangeCoder])
    func theGameTakesNoNotice(on library: LibENet, _ compression: Compression) throws {
        let server = try EchoServerProcess(on: library, compression: compression)
        for number in 1...10 as ClosedRange<UInt32> {
            let socket = try ProbeSocket(port: server.port)
            let probe = ConnectProbe(connectID: number &* 0x0100_0193, compression: compression)
            socket.send(probe.question)
            // As if it had been lost: that takes no second place.
            socket.send(probe.question)
            let farewell = try #require(socket.farewell(probe), "no answer to number \(number)")
            try #require(!farewell.isEmpty)
            socket.send(farewell)
        }
        var configuration = ClientConfiguration()
        configuration.connectData = 77
        configuration.compression = compression
        let client = SocketClient(port: server.port, configuration)
        client.connect()
        #expect(client.wait { $0.host.isAccepted })
        #expect(server.nextLine() == "connect 77 255")
    }

    /// Players who are there keep playing.
    @Test func playersTakeNoNotice() throws {
        let server = try EchoServerProcess(on: .system)
        let client = SocketClient(port: server.port)
        client.connect()
        #expect(client.wait { $0.host.isAccepted })
        let socket = try ProbeSocket(port: server.port)
        let probe = ConnectProbe(connectID: 5)
        socket.send(probe.question)
        socket.send(try #require(socket.farewell(probe)))
        #expect(client.send([1, 2]) == .queued)
        #expect(client.wait { $0.seen.last == .packet(channel: 0, .reliable, [1, 2]) })
        _ = server.nextLine()
        client.send("die")
        #expect(server.nextLine() == nil)
    }

    /// Somebody else's answer, or none at all.
    @Test func whatIsNoAnswerIsNone() throws {
        let server = try EchoServerProcess(on: .system)
        let socket = try ProbeSocket(port: server.port)
        let probe = ConnectProbe(connectID: 0xABCD_EF01)
        socket.send(probe.question)
        let answer = try #require(socket.receive())
        func isAnswer(_ bytes: [UInt8], to probe: ConnectProbe) -> Bool {
            bytes.withUnsafeBytes { probe.farewell(to: $0) } != nil
        }
        #expect(isAnswer(answer, to: probe))
        #expect(!isAnswer(answer, to: ConnectProbe(connectID: 0xABCD_EF02)))
        for count in 0..<answer.count where count < answer.count - 3 {
            #expect(!isAnswer(Array(answer[..<count]), to: probe))
        }
        var random = SeededRandom(seed: 1)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...64, using: &random)).map { _ in
                UInt8.random(in: 0 ... .max, using: &random)
            }
            // What says that it is compressed cannot be looked into, and comes from the server's address.
            if bytes.first.map({ $0 & DatagramHeader.compressedBit != 0 }) == true { continue }
            #expect(!isAnswer(bytes, to: probe))
        }
    }
}
