import Primitives
import SimulationSupport
import Testing

@testable import SCTP

/// Resets of streams (RFC 6525) where the other side is what browsers are: one that answers a request's number once and
/// for all, and that wants each answer.
@Suite(.onTheSCTPStack) struct StreamResetTests {
    /// RE-CONFIG chunks of a packet, by the parameters in them.
    private struct ResetChunks {
        struct Parameter {
            let type: Int
            /// From the start of the packet.
            let offset: Int
            /// Of a request its own, of a response that of the request.
            let number: UInt32
            let result: UInt8
        }

        var parameters: [Parameter] = []

        init(_ packet: [UInt8]) {
            var offset = 12
            while offset + 4 <= packet.count {
                let length = Int(packet[offset + 2]) << 8 | Int(packet[offset + 3])
                guard length >= 4 else { return }
                var place = offset + 4
                while packet[offset] == 130, place + 8 <= offset + length {
                    let size = Int(packet[place + 2]) << 8 | Int(packet[place + 3])
                    let number = packet[place + 4..<place + 8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                    parameters.append(
                        Parameter(
                            type: Int(packet[place]) << 8 | Int(packet[place + 1]), offset: place, number: number,
                            result: place + 12 <= packet.count ? packet[place + 11] : 0))
                    place += (size + 3) & ~3
                }
                offset += (length + 3) & ~3
            }
        }

        var requests: [Parameter] { parameters.filter { $0.type == 13 } }
        var responses: [Parameter] { parameters.filter { $0.type == 16 } }
    }

    /// The packet with another result in the responses to request `number`.
    private func answering(_ packet: [UInt8], _ number: UInt32?, with result: UInt8) -> [UInt8] {
        var packet = packet
        for response in ResetChunks(packet).responses where response.number == number {
            packet[response.offset + 11] = result
        }
        return SCTPPacket.withChecksum(packet)
    }

    /// The other side learns which streams, and the stream starts anew.
    @Test func streamsAreReset() throws {
        let pair = try SCTPPair.connected()
        #expect(pair.sendLeft([1], stream: 3) == .accepted)
        pair.run(for: 500)
        #expect(pair.left.association.resetOutgoingStreams([3]))
        pair.run(for: 500)
        #expect(pair.right.events.contains("incoming reset [3]"))
        #expect(pair.left.events.contains("outgoing reset [3]"))
        #expect(pair.sendLeft([2], stream: 3) == .accepted)
        pair.run(for: 500)
        #expect(pair.right.messages.map(\.payload) == [[1], [2]])
        #expect(!pair.left.association.resetOutgoingStreams([]))
        #expect(!pair.left.association.resetOutgoingStreams([1024]))
    }

    /// What was sent before the reset arrives before it.
    @Test(arguments: 1...10 as ClosedRange<UInt64>) func messagesUnderWayComeFirst(seed: UInt64) throws {
        let pair = try SCTPPair.connected(seed: seed)
        pair.loss = 100
        for number in 0..<40 as Range<UInt8> {
            #expect(
                pair.sendLeft([UInt8](repeating: number, count: 3_000), stream: 3, unordered: number % 2 == 0)
                    == .accepted)
        }
        #expect(pair.left.association.resetOutgoingStreams([3]))
        pair.run(for: 60_000) { pair.right.events.contains("incoming reset [3]") }
        #expect(pair.right.messages.count == 40)
        #expect(pair.right.events.contains("incoming reset [3]"))
    }

    /// RFC 6525 §5.1.1: a request that is told "in progress" is made again under the next number. A browser answers the
    /// old number as before, however often it comes.
    @Test func inProgressAsksAgain() throws {
        let pair = try SCTPPair.connected()
        var requests: [UInt32] = []
        pair.losesFromLeft = {
            requests += ResetChunks($0).requests.map(\.number)
            return false
        }
        pair.forgesFromRight = { answering($0, requests.first, with: 6) }
        #expect(pair.left.association.resetOutgoingStreams([3]))
        pair.run(for: 1_000)
        #expect(pair.left.events.contains("outgoing reset [3]"))
        let first = try #require(requests.first)
        #expect(requests == [first, first + 1])
        #expect(pair.left.association.resettingStreams.isEmpty && pair.left.association.streamsToReset.isEmpty)
        // Another goes the usual way.
        #expect(pair.left.association.resetOutgoingStreams([5]))
        pair.run(for: 500)
        #expect(requests.count == 3)
        #expect(pair.left.events.contains("outgoing reset [5]"))
    }

    /// A request that overtook data: the peer is not told "in progress", is answered when the data is there, and the
    /// reset counts once.
    @Test func inProgressIsNotSaid() throws {
        let pair = try SCTPPair.connected()
        var isLost = false
        pair.losesFromLeft = { packet in
            guard !isLost, packet[12] == 0 else { return false }
            isLost = true
            return true
        }
        var results: [UInt8] = []
        pair.forgesFromRight = {
            results += ResetChunks($0).responses.map(\.result)
            return $0
        }
        #expect(pair.sendLeft([1], stream: 5) == .accepted)
        pair.run(for: 1)
        #expect(pair.left.association.resetOutgoingStreams([3]))
        pair.run(for: 10_000)
        #expect(isLost)
        #expect(!results.isEmpty && results.allSatisfy { $0 == 1 })
        #expect(pair.right.events.filter { $0.hasPrefix("incoming") } == ["incoming reset [3]"])
        #expect(pair.left.events.filter { $0.hasPrefix("outgoing") } == ["outgoing reset [3]"])
    }

    /// "Denied" is final, and the stream can be sent on as before; a wrong number is tried again.
    @Test(arguments: [(2, 1), (3, 2), (5, 2)] as [(UInt8, Int)]) func refusals(result: UInt8, count: Int) throws {
        let pair = try SCTPPair.connected()
        var requests: [UInt32] = []
        pair.losesFromLeft = {
            requests += ResetChunks($0).requests.map(\.number)
            return false
        }
        pair.forgesFromRight = { answering($0, requests.first, with: result) }
        #expect(pair.left.association.resetOutgoingStreams([3]))
        pair.run(for: 10_000)
        #expect(requests.count == count)
        #expect(pair.left.events.contains("outgoing reset [3]"))
        #expect(pair.sendLeft([1], stream: 4) == .accepted)
        pair.run(for: 500)
        #expect(pair.right.messages.map(\.payload) == [[1]])
    }

    /// While a stream waits for its answer the others go on.
    @Test func othersGoOn() throws {
        let pair = try SCTPPair.connected()
        pair.forgesFromRight = { ResetChunks($0).responses.isEmpty ? $0 : nil }
        #expect(pair.left.association.resetOutgoingStreams([3]))
        #expect(pair.sendLeft([1], stream: 3) == .streamBusy)
        for number in 0..<10 as Range<UInt8> {
            pair.run(for: 50)
            #expect(pair.sendLeft([1], stream: 3) == .streamBusy)
            #expect(pair.sendLeft([number], stream: 4) == .accepted)
        }
        pair.run(for: 100)
        #expect(pair.right.messages.map(\.payload) == (0..<10).map { [$0] })
        pair.forgesFromRight = nil
        pair.run(for: 5_000) { pair.left.events.contains("outgoing reset [3]") }
        #expect(pair.sendLeft([99], stream: 3) == .accepted)
        pair.run(for: 100)
        #expect(pair.right.messages.last?.payload == [99])
    }

    /// usrsctp tells of a reset by a message in the receive buffer: also when nothing is read, there must be room.
    @Test(arguments: [[262_144, 262_144], [60_000], []]) func aFullReceiverLearnsOfItLater(first: [Int]) throws {
        let pair = try SCTPPair.connected()
        pair.right.reads = false
        var accepted = 0
        for size in first + [Int](repeating: 1_000, count: 800) {
            if pair.sendLeft([UInt8](repeating: 1, count: size), stream: 3) == .accepted { accepted += 1 }
            pair.run(for: 40)
        }
        pair.run(for: 2_000)
        // What the window has no room for is as far as it can come.
        #expect(pair.left.association.sendBuffer()?.queued ?? 0 > 0)
        #expect(pair.left.association.resetOutgoingStreams([5]))
        pair.run(for: 1_000)
        pair.right.reads = true
        pair.run(for: 60_000) { pair.right.messages.count == accepted }
        #expect(pair.right.messages.count == accepted)
        pair.run(for: 10_000)
        #expect(pair.right.events.contains("incoming reset [5]"))
        #expect(pair.left.events.contains("outgoing reset [5]"))
    }

    /// More than usrsctp puts into one request.
    @Test func manyAtOnce() throws {
        let pair = try SCTPPair.connected()
        let streams = Array(0..<1_000 as Range<UInt16>)
        #expect(pair.left.association.resetOutgoingStreams(streams))
        pair.run(for: 2_000)
        let sets = pair.right.events.filter { $0.hasPrefix("incoming reset [") }
        let named = sets.joined(separator: ",").split(whereSeparator: { !$0.isNumber }).compactMap { UInt16($0) }
        #expect(named.sorted() == streams)
        #expect(pair.left.association.resettingStreams.isEmpty)
    }

    /// A browser may name more in one request than usrsctp takes, and repeat it, and go on numbering.
    @Test func moreThanUsrsctpTakes() throws {
        let pair = try SCTPPair.connected()
        var last: [UInt8] = []
        pair.losesFromLeft = {
            if !ResetChunks($0).requests.isEmpty { last = $0 }
            return false
        }
        var answers: [UInt32] = []
        pair.forgesFromRight = {
            answers += ResetChunks($0).responses.filter { $0.result == 1 }.map(\.number)
            return $0
        }
        #expect(pair.left.association.resetOutgoingStreams([3]))
        pair.run(for: 500)
        let first = try #require(ResetChunks(last).requests.first)
        func ask(_ number: UInt32, _ streams: [UInt16]) {
            var parameter: [UInt8] = [0, 13]
            parameter.append(bigEndian: UInt16(16 + 2 * streams.count))
            parameter.append(bigEndian: number)
            parameter += last[first.offset + 8..<first.offset + 16]
            for stream in streams { parameter.append(bigEndian: stream) }
            let packet = SCTPPacket.with(header: last, chunks: SCTPPacket.chunk(type: 130, flags: 0, parameter))
            packet.withUnsafeBytes { #expect(pair.right.association.receive($0, at: .zero) == nil) }
            pair.run(for: 500)
        }
        let many = (0..<501 as Range<UInt16>).map { $0 * 2 }
        ask(first.number + 1, many)
        ask(first.number + 1, many)
        ask(first.number + 2, [7])
        ask(first.number + 3, many)
        ask(first.number + 3, many)
        ask(first.number + 4, [9])
        for number in 1...4 as ClosedRange<UInt32> { #expect(answers.contains(first.number + number)) }
        let named = pair.right.events.joined(separator: ",").split(whereSeparator: { !$0.isNumber })
            .compactMap { UInt16($0) }.filter { $0 < 1024 }
        #expect(named.sorted() == (many + many + [3, 7, 9]).sorted())
    }

    /// Whatever a peer puts into RE-CONFIG chunks is handed on or mended, and never trusted.
    @Test func randomChunksNeverTrap() {
        var random = SeededRandom(seed: 9)
        var requests = ResetRequests()
        var own = OwnRequests()
        var resets = IncomingResets()
        requests.begin(at: 0xFFFF_FFF0)
        for _ in 0..<20_000 {
            var parameters: [UInt8] = []
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let count = random.chance(perMille: 50) ? 900 : Int.random(in: 0...24, using: &random)
                parameters += [0, [13, 14, 15, 16, 17, 99].randomElement(using: &random) ?? 13]
                parameters.append(bigEndian: UInt16(random.chance(perMille: 200) ? count : count + 4))
                parameters += random.bytes(count)
            }
            var packet = random.bytes(12) + SCTPPacket.chunk(type: 130, flags: 0, parameters)
            packet.removeLast(Int.random(in: 0...min(8, packet.count), using: &random))
            packet.withUnsafeBytes { bytes in
                for given in requests.split(bytes) { #expect(given.count >= min(12, bytes.count)) }
                _ = requests.answers(packet)
                _ = own.forPeer(packet)
                _ = own.forStack(packet)
                _ = PacketContents(bytes)
                _ = Reconfiguration.withoutIncomingInProgress(bytes)
                _ = resets.passing(bytes)
            }
            if random.chance(perMille: 100) { _ = requests.insert() }
            if random.chance(perMille: 100) { _ = own.withhold() }
        }
    }

    /// Hundreds of resets under loss, with traffic on another stream: none is forgotten, none counts twice.
    @Test(arguments: 1...3 as ClosedRange<UInt64>) func overAndOver(seed: UInt64) throws {
        let pair = try SCTPPair.connected(seed: seed)
        pair.loss = 80
        var sent = 0
        for round in 1...100 {
            if pair.sendLeft([0], stream: 9) == .accepted { sent += 1 }
            #expect(pair.sendLeft([UInt8(round)], stream: 3) == .accepted)
            #expect(pair.left.association.resetOutgoingStreams([3]))
            pair.run(for: 60_000) { pair.left.events.count { $0 == "outgoing reset [3]" } == round }
        }
        pair.run(for: 10_000)
        #expect(pair.left.ended == nil)
        #expect(pair.left.association.resettingStreams.isEmpty && pair.left.association.streamsToReset.isEmpty)
        #expect(pair.right.events.count { $0 == "incoming reset [3]" } == 100)
        #expect(pair.left.events.count { $0 == "outgoing reset [3]" } == 100)
        #expect(pair.right.messages.filter { $0.stream == 3 }.map { $0.payload[0] } == (1...100).map { UInt8($0) })
        #expect(pair.right.messages.count { $0.stream == 9 } == sent)
    }
}
