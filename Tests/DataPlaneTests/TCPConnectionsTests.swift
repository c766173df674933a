import Glibc
import ICE
import Primitives
import Testing

@testable import DataPlane

/// The table of TCP connections, with real sockets on loopback and a clock of the test's.
@Suite struct TCPConnectionsTests {
    /// What a worker does, with a core that takes every frame that begins with 1 for a valid check.
    private final class Turns {
        let connections: TCPConnections
        let address: TransportAddress
        var now = Instant(nanoseconds: 1_000_000_000)
        private(set) var received: [[UInt8]] = []
        private(set) var paths: [Path] = []
        private(set) var lost: [Path] = []
        private var proven: Set<Path> = []
        private let poll: EventPoll

        init(_ address: TransportAddress = Loopback.ipv4, _ change: (inout TCPLimits) -> Void = { _ in }) throws {
            var limits = TCPLimits(sessionLimit: 100)
            change(&limits)
            poll = try EventPoll()
            let listener = try TCPListener(boundTo: address)
            self.address =
                address.isUnspecified ? Loopback.ipv4.with(port: listener.localAddress.port) : listener.localAddress
            connections = try TCPConnections(listener: listener, poll: poll, limits: limits)
        }

        /// Turns until `condition` holds.
        ///
        /// - Parameter sleeping: false where it depends on more than what the table waits for.
        func run(sleeping: Bool = true, until condition: () throws -> Bool) rethrows {
            let end = MonotonicClock.now + .seconds(10)
            while try !condition() {
                guard MonotonicClock.now < end else {
                    Issue.record("what was waited for did not come")
                    return
                }
                poll.arm(end)
                poll.wait(sleeping: sleeping) { source, readiness in serve(source, readiness) }
                settle()
            }
        }

        /// What is due at the test's clock.
        func advance(_ span: Milliseconds) {
            now = now + span
            connections.advance(to: now)
            settle()
        }

        func settle() {
            connections.writeAppended(at: now)
            lost += connections.takeLost()
        }

        func append(_ bytes: [UInt8], to path: Path) throws {
            let id = try #require(path.connection)
            bytes.withUnsafeBytes { connections.append($0, to: id) }
        }

        func finish(_ path: Path) throws {
            connections.finish(try #require(path.connection), at: now)
        }

        /// A client that has shown itself.
        func provenClient(receiveBuffer: Int32? = nil) throws -> (TCPClient, Path) {
            let client = try TCPClient(to: address, receiveBuffer: receiveBuffer)
            let count = received.count
            try client.send(frame: [1])
            run { received.count > count }
            return (client, try #require(paths.last))
        }

        private func serve(_ source: EventPoll.Source, _ readiness: EventPoll.Readiness) {
            switch source {
            case .listener: connections.accept(at: now)
            case .connection(let id):
                if readiness.isWritable { connections.write(id, at: now) }
                guard readiness.isReadable else { return }
                connections.read(id, at: now) { frame, path in
                    received.append(Array(frame))
                    paths.append(path)
                    if frame.first == 1 { proven.insert(path) }
                    return proven.contains(path)
                }
            default: break
            }
        }
    }

    @Test(arguments: [Loopback.ipv4, Loopback.ipv6, Loopback.anyIPv6])
    func framesGoThereAndBack(bound: TransportAddress) throws {
        let turns = try Turns(bound)
        let client = try TCPClient(to: turns.address)
        for byte in [0, 1, 1, 0, 0, 0, 3, 7, 8, 9] as [UInt8] { try client.send([byte]) }
        turns.run { turns.received.count == 2 }
        #expect(turns.received == [[1], [7, 8, 9]])
        let path = try #require(turns.paths.first)
        #expect(try path.address == client.address)
        try turns.append([5, 6], to: path)
        try turns.append([], to: path)
        try turns.append(Array(repeating: 4, count: 1_200), to: path)
        turns.settle()
        #expect(try client.nextFrame() == [5, 6])
        #expect(try client.nextFrame() == Array(repeating: 4, count: 1_200))
        #expect(turns.connections.count == 1 && turns.connections.unprovenCount == 0)
    }

    /// Nothing but a valid check may come first, and what comes after that is not heard.
    @Test func whateverElseComesFirstEndsIt() throws {
        for first in [[22, 254, 253], [0], [2, 1]] as [[UInt8]] {
            let turns = try Turns()
            let client = try TCPClient(to: turns.address)
            try client.send([0, UInt8(first.count)] + first + [0, 1, 1])
            turns.run { !turns.received.isEmpty }
            #expect(try client.nextFrame() == nil)
            #expect(turns.received == [first])
            #expect(turns.connections.count == 0 && turns.lost.isEmpty && !turns.connections.hasFarewells)
        }
    }

    @Test(arguments: [false, true]) func aFrameTooLongEndsIt(isProven: Bool) throws {
        let turns = try Turns()
        let client = try isProven ? turns.provenClient().0 : TCPClient(to: turns.address)
        try client.send([0xFF, 0xFF, 1, 1])
        turns.run { turns.connections.drops.total > 0 }
        #expect(turns.connections.drops[.tcpFrameTooLong] == 1)
        #expect(turns.lost == (isProven ? turns.paths : []))
        #expect(try client.nextFrame() == nil)
    }

    @Test func emptyFramesAreNotForEver() throws {
        let turns = try Turns()
        let (client, _) = try turns.provenClient()
        try client.send([UInt8](repeating: 0, count: 2 * FrameDecoder.emptyFrameLimit))
        try client.send(frame: [7])
        turns.run { turns.received.count == 2 }
        try client.send([UInt8](repeating: 0, count: 2 * FrameDecoder.emptyFrameLimit + 2))
        turns.run { turns.connections.drops[.tcpFramesEmpty] == 1 }
        #expect(try client.nextFrame() == nil)
    }

    @Test func theBrowsersEndIsTold() throws {
        let turns = try Turns()
        var client: TCPClient? = try turns.provenClient().0
        #expect(client != nil)
        client = nil
        turns.run { !turns.lost.isEmpty }
        #expect(turns.lost == turns.paths)
        #expect(turns.connections.count == 0)
        // One that has shown nothing is nobody's loss.
        client = try TCPClient(to: turns.address)
        turns.run { turns.connections.count == 1 }
        client = nil
        turns.run { turns.connections.count == 0 }
        #expect(turns.lost.count == 1)
    }

    @Test func silenceEndsAfterItsTime() throws {
        let turns = try Turns()
        let silent = try TCPClient(to: turns.address)
        let half = try TCPClient(to: turns.address)
        try half.send([0])
        let (proven, _) = try turns.provenClient()
        turns.run { turns.connections.count == 3 }
        turns.advance(9_999)
        #expect(turns.connections.count == 3)
        turns.advance(101)
        #expect(turns.connections.count == 1)
        #expect(turns.connections.drops[.tcpCheckOverdue] == 2)
        #expect(try silent.nextFrame() == nil)
        #expect(try half.nextFrame() == nil)
        #expect(!proven.isReadable)
        #expect(turns.lost.isEmpty)
    }

    /// One source, here 127.0.0.1, cannot take all places; another still gets one, and so does a second connection of
    /// whoever has shown itself.
    @Test func oneSourceHasItsShare() throws {
        let turns = try Turns { $0.unprovenPerSource = 3 }
        let proven = try (0..<4).map { _ in try turns.provenClient().0 }
        let clients = try (0..<5).map { _ in try TCPClient(to: turns.address) }
        turns.run { turns.connections.drops[.tcpConnectionRefused] == 2 }
        #expect(turns.connections.unprovenCount == 3)
        let other = try TCPClient(to: turns.address, from: TransportAddress(ipv4: 0x7F00_0002, port: 0))
        turns.run { turns.connections.unprovenCount == 4 }
        #expect(clients.filter(\.isReadable).count == 2)
        #expect(!other.isReadable && proven.allSatisfy { !$0.isReadable })
    }

    /// An IPv6 host may have any address of its network.
    @Test func anIPv6NetworkIsOneSource() {
        func source(_ text: String) -> TransportAddress? {
            TransportAddress(literal: text, port: 7).map {
                TCPConnection(
                    id: TCPConnectionID(number: 1), socket: TCPSocket(accepted: -1), from: $0
                ).source
            }
        }
        #expect(source("2001:db8::1") == source("2001:db8::ffff:2"))
        #expect(source("2001:db8::1") != source("2001:db8:0:1::1"))
        #expect(source("192.0.2.1") != source("192.0.2.2"))
    }

    /// In a flood of silence from everywhere the oldest goes: a browser has shown itself before it is that.
    @Test func theOldestSilentOneMakesRoom() throws {
        let turns = try Turns { $0.unproven = 4 }
        let (proven, _) = try turns.provenClient()
        var clients: [TCPClient] = []
        for number in 1...6 {
            clients.append(try TCPClient(to: turns.address))
            turns.run {
                turns.connections.count == 1 + min(number, 4) && turns.connections.drops.total == max(0, number - 4)
            }
        }
        #expect(turns.connections.drops[.tcpConnectionDisplaced] == 2)
        #expect(clients.map(\.isReadable) == [true, true, false, false, false, false])
        try clients[2].send(frame: [1])
        turns.run { turns.received.count == 2 }
        #expect(turns.connections.unprovenCount == 3)
        #expect(!proven.isReadable)
    }

    @Test func aFullTableTakesNoMore() throws {
        let turns = try Turns { $0.connections = 3 }
        let clients = try (0..<3).map { _ in try turns.provenClient().0 }
        let late = try TCPClient(to: turns.address)
        turns.run { turns.connections.drops[.tcpConnectionRefused] == 1 }
        #expect(try late.nextFrame() == nil)
        #expect(clients.allSatisfy { !$0.isReadable })
        withExtendedLifetime(clients) {}
    }

    /// What a browser does not read waits up to a bound; beyond that whole datagrams are lost, never parts of one.
    @Test func aSlowReaderGetsWholeFrames() throws {
        let turns = try Turns()
        let (client, path) = try turns.provenClient(receiveBuffer: 4_096)
        var number: UInt32 = 0
        while turns.connections.drops[.tcpQueueFull] < 10 {
            var bytes: [UInt8] = []
            bytes.append(bigEndian: number)
            try turns.append(bytes + Array(repeating: UInt8(truncatingIfNeeded: number), count: 1_000), to: path)
            turns.settle()
            number += 1
        }
        // More than the kernel and our queue hold has not been taken.
        #expect(number < 2_000)
        var last: UInt32?
        let taken = number - UInt32(turns.connections.drops[.tcpQueueFull])
        for _ in 0..<taken {
            // What became writable is written on, until a frame is whole.
            turns.run(sleeping: false) { client.takesFrame() }
            let frame = try #require(try client.nextFrame())
            let found = frame.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            #expect(frame.count == 1_004 && frame.dropFirst(4).allSatisfy { $0 == UInt8(truncatingIfNeeded: found) })
            #expect(last.map { found > $0 } ?? true)
            last = found
        }
        try turns.append([9], to: path)
        turns.settle()
        #expect(try client.nextFrame() == [9])
        turns.advance(60_000)
        #expect(turns.connections.count == 1, "whoever reads again is no slow reader")
    }

    @Test func whoNeverReadsIsLetGo() throws {
        let turns = try Turns()
        let (client, path) = try turns.provenClient(receiveBuffer: 4_096)
        turns.advance(20_000)
        while turns.connections.drops[.tcpQueueFull] == 0 {
            try turns.append(Array(repeating: 1, count: 1_200), to: path)
            turns.settle()
        }
        turns.advance(9_999)
        #expect(turns.lost.isEmpty)
        turns.advance(101)
        #expect(turns.lost == [path])
        #expect(turns.connections.drops[.tcpReaderTooSlow] == 1)
        #expect(turns.connections.count == 0)
        withExtendedLifetime(client) {}
    }

    /// Last words arrive although the gateway has not read all that the browser sent.
    @Test func lastWordsArrive() throws {
        let turns = try Turns()
        let (client, path) = try turns.provenClient()
        try client.send(frame: Array(repeating: 3, count: 1_000))
        try turns.append([8, 8], to: path)
        turns.settle()
        try turns.finish(path)
        #expect(turns.connections.hasFarewells)
        #expect(try client.nextFrame() == [8, 8])
        #expect(try client.nextFrame() == nil)
        // What still comes is not heard, and it is no loss when the browser closes.
        try client.send(frame: [4])
        shutdown(client.descriptor, Int32(SHUT_WR))
        turns.run { turns.connections.count == 0 }
        #expect(turns.received == [[1]] && turns.lost.isEmpty)
        #expect(!turns.connections.hasFarewells)
    }

    @Test func aBrowserThatDoesNotCloseIsNotWaitedForLong() throws {
        let turns = try Turns()
        let (client, path) = try turns.provenClient()
        try turns.finish(path)
        turns.advance(999)
        #expect(turns.connections.hasFarewells)
        turns.advance(101)
        #expect(!turns.connections.hasFarewells && turns.connections.count == 0 && turns.lost.isEmpty)
        #expect(turns.connections.drops.total == 0)
        withExtendedLifetime(client) {}
    }

    @Test func aPortInUseIsNamedWithTheCure() throws {
        let first = try TCPListener(boundTo: Loopback.ipv4)
        let address = first.localAddress
        let error = #expect(throws: NetworkError.self) { try TCPListener(boundTo: address) }
        #expect(error == .addressInUse(address, .tcp))
        #expect(
            error?.description
                == "TCP \(address) is in use by another program; stop it or choose another port with --tcp, or use --tcp off."
        )
        #expect(throws: NetworkError.self) { try TCPListener(boundTo: Loopback.anyIPv6.with(port: address.port)) }
    }
}
