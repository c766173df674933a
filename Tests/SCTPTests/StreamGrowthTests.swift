import CUSRSCTP
import Primitives
import SimulationSupport
import Testing

@testable import SCTP

/// All streams can be used, and usrsctp has only about as many as are.
@Suite(.onTheSCTPStack) struct StreamGrowthTests {
    private func counts(_ association: SCTPAssociation) -> [UInt16] {
        var status = sctp_status()
        guard let socket = association.socket, association.get(socket, SCTP_STATUS, &status) else { return [] }
        return [status.sstat_instrms, status.sstat_outstrms]
    }

    private func sendRight(_ pair: SCTPPair, _ bytes: [UInt8], stream: UInt16) -> SCTPSendResult {
        bytes.withUnsafeBytes {
            pair.right.association.send(
                $0, stream: stream, protocolIdentifier: 53, unordered: false, reliability: .reliable)
        }
    }

    @Test(arguments: [true, false]) func thereAreAsManyAsAreUsed(isAccelerated: Bool) throws {
        let pair = try isAccelerated ? SCTPPair.accelerated() : SCTPPair.connected()
        pair.run(for: 100)
        let steps: [(used: UInt16, had: UInt16)] = [
            (3, 16), (15, 16), (16, 128), (127, 128), (128, 1024), (1023, 1024),
        ]
        for (used, had) in steps {
            #expect(pair.sendLeft([1], stream: used) == .accepted)
            pair.run(for: 500)
            #expect(sendRight(pair, [2], stream: used) == .accepted)
            pair.run(for: 500)
            #expect(counts(pair.left.association) == [had, had])
            #expect(counts(pair.right.association) == [had, had])
        }
        #expect(pair.right.messages.map(\.stream) == steps.map(\.used))
        #expect(pair.left.messages.map(\.stream) == steps.map(\.used))
    }

    /// Nothing of how usrsctp got its streams is seen by the peer, which numbers and answers requests of its own.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func messagesAndResetsGoOnMeanwhile(seed: UInt64) throws {
        let pair = try SCTPPair.connected(seed: seed)
        pair.loss = 80
        var random = SeededRandom(seed: seed)
        var seen = SeenRequests()
        pair.losesFromLeft = {
            seen.note($0)
            return false
        }
        var sent: [(stream: UInt16, payload: [UInt8])] = []
        var received: [(stream: UInt16, payload: [UInt8])] = []
        for round in 0..<300 {
            let top: UInt16 = round < 60 ? 16 : round < 120 ? 128 : 1024
            let stream = UInt16.random(in: 0..<top, using: &random)
            let payload = random.bytes(random.chance(perMille: 50) ? 20_000 : 20)
            if pair.sendLeft(payload, stream: stream) == .accepted { sent.append((stream, payload)) }
            let back = UInt16.random(in: 0..<top, using: &random)
            if sendRight(pair, payload, stream: back) == .accepted { received.append((back, payload)) }
            if random.chance(perMille: 100) { _ = pair.left.association.resetOutgoingStreams([stream, top - 1]) }
            if random.chance(perMille: 100) { _ = pair.right.association.resetOutgoingStreams([back]) }
            pair.run(for: Milliseconds(UInt64.random(in: 0...60, using: &random)))
        }
        pair.run(for: 60_000)
        #expect(pair.left.ended == nil && pair.right.ended == nil)
        #expect(sent.count > 100 && received.count > 100)
        for stream in 0..<1024 as Range<UInt16> {
            #expect(
                pair.right.messages.filter { $0.stream == stream }.map(\.payload)
                    == sent.filter { $0.stream == stream }.map(\.payload))
            #expect(
                pair.left.messages.filter { $0.stream == stream }.map(\.payload)
                    == received.filter { $0.stream == stream }.map(\.payload))
        }
        #expect(pair.left.association.resettingStreams.isEmpty && pair.left.association.streamsToReset.isEmpty)
        #expect(pair.right.association.resettingStreams.isEmpty && pair.right.association.streamsToReset.isEmpty)
        #expect(seen.additions == 0)
        #expect(seen.numbers.count > 5)
        #expect(zip(seen.numbers, seen.numbers.dropFirst()).allSatisfy { $1 == $0 &+ 1 })
    }

    /// The requests in packets that went to the peer.
    private struct SeenRequests {
        var numbers: [UInt32] = []
        var additions = 0

        mutating func note(_ packet: [UInt8]) {
            packet.withUnsafeBytes { bytes in
                for parameter in Reconfiguration.chunks(of: bytes).flatMap(Reconfiguration.parameters) {
                    if Reconfiguration.number(of: parameter.bytes, types: [17, 18]) != nil { additions += 1 }
                    guard let number = Reconfiguration.number(of: parameter.bytes, types: [13]) else { continue }
                    if numbers.last != number { numbers.append(number) }
                }
            }
        }
    }

    /// A message that is half sent is sent whole before usrsctp is given another stream.
    @Test func aMessageOnItsWayIsNotBroken() throws {
        let pair = try SCTPPair.connected()
        let long = [UInt8](repeating: 7, count: 200_000)
        #expect(pair.sendLeft(long, stream: 1) == .accepted)
        pair.run(for: 30)
        #expect(pair.sendLeft([9], stream: 900) == .full)
        #expect(pair.sendLeft([8], stream: 2) == .full)
        pair.run(for: 5_000) { pair.sendLeft([9], stream: 900) == .accepted }
        #expect(pair.sendLeft([8], stream: 2) == .accepted)
        pair.run(for: 1_000)
        #expect(pair.right.messages.map(\.payload) == [long, [9], [8]])
    }

    /// A peer may send its first messages with its COOKIE ECHO (RFC 9260 §5.1).
    @Test func aFirstMessageMayBeOnAnyStream() throws {
        let pair = try SCTPPair()
        var initialTSN: [UInt8] = []
        pair.forgesFromRight = { packet in
            if [1, 2].contains(packet[12]) { initialTSN = Array(packet[28..<32]) }
            guard packet[12] == 10 else { return packet }
            let data = SCTPPacket.chunk(type: 0, flags: 3, initialTSN + [1, 244, 0, 0, 0, 0, 0, 53] + [42])
            return SCTPPacket.withChecksum(packet + data)
        }
        pair.run(for: 300)
        #expect(pair.left.messages.map(\.payload) == [[42]])
        #expect(pair.left.messages.map(\.stream) == [500])
    }

    /// A message on a stream there cannot be yet is as good as lost: usrsctp would acknowledge it and forget it.
    @Test func beforeTheAssociationIsUpMessagesAreLeftToComeAgain() throws {
        let pair = try SCTPPair()
        func message(on stream: UInt16) -> [UInt8] {
            var value: [UInt8] = [0, 0, 0, 1]
            value.append(bigEndian: stream)
            value += [0, 0, 0, 0, 0, 53, 42]
            return SCTPPacket.with(
                header: [UInt8](repeating: 0, count: 12), chunks: SCTPPacket.chunk(type: 0, flags: 3, value))
        }
        let association = pair.left.association
        message(on: 15).withUnsafeBytes { #expect(association.receive($0, at: .zero) == nil) }
        message(on: 16).withUnsafeBytes { #expect(association.receive($0, at: .zero) == .sctpStreamTooEarly) }
        message(on: 1023).withUnsafeBytes { #expect(association.receive($0, at: .zero) == .sctpStreamTooEarly) }
        message(on: 1024).withUnsafeBytes { #expect(association.receive($0, at: .zero) == nil) }
    }

    /// An INIT that comes late or twice is answered under another tag, which is not the association's.
    @Test func aLateINITChangesNothing() throws {
        let pair = try SCTPPair()
        var early: [UInt8] = []
        pair.forgesFromRight = { packet in
            if early.isEmpty, packet[12] == 1 { early = packet }
            return packet
        }
        pair.run(for: 1_000)
        early.withUnsafeBytes { #expect(pair.left.association.receive($0, at: .zero) == nil) }
        pair.run(for: 500)
        for stream in [500, 3] as [UInt16] {
            #expect(sendRight(pair, [1], stream: stream) == .accepted)
            #expect(pair.right.association.resetOutgoingStreams([stream]))
            pair.run(for: 2_000)
            #expect(pair.left.messages.last?.stream == stream)
            #expect(pair.right.events.last == "outgoing reset [\(stream)]")
        }
        #expect(counts(pair.left.association) == [1024, 1024])
    }

    /// A request to add streams that usrsctp does not take leaves the peer's own requests their numbers.
    @Test func aRequestThatWasNotTakenDoesNotCount() {
        var requests = ResetRequests()
        requests.begin(at: 100)
        let before = requests
        #expect(requests.insert() == 100)
        #expect(!requests.isInsertedCounted)
        for (result, isCounted) in [(5, false), (1, true)] as [(UInt8, Bool)] {
            let answer = SCTPPacket.chunk(type: 130, flags: 0, [0, 16, 0, 12, 0, 0, 0, 100, 0, 0, 0, result])
            let visible = requests.answers([UInt8](repeating: 0, count: 12) + answer)
            #expect(visible.isEmpty)
            #expect(requests.isInsertedCounted == isCounted)
        }
        requests = before
        #expect(requests.insert() == 100)
    }

    /// The peer itself has no say in it.
    @Test(arguments: [17, 18] as [UInt8]) func thePeerCannotAddStreams(type: UInt8) throws {
        let pair = try SCTPPair.connected()
        var lastFromRight: [UInt8] = []
        pair.forgesFromRight = {
            lastFromRight = $0
            return $0
        }
        #expect(sendRight(pair, [1], stream: 200) == .accepted)
        #expect(pair.right.association.resetOutgoingStreams([3]))
        pair.run(for: 500)
        let request = try #require(lastNumber(pair))
        var results: [UInt8] = []
        pair.losesFromLeft = { packet in
            packet.withUnsafeBytes { bytes in
                for parameter in Reconfiguration.chunks(of: bytes).flatMap(Reconfiguration.parameters)
                where Reconfiguration.number(of: parameter.bytes, types: [16]) == request {
                    results.append(parameter.bytes[11])
                }
            }
            return false
        }
        var parameter: [UInt8] = [0, type, 0, 12]
        parameter.append(bigEndian: request)
        parameter += [255, 0, 0, 0]
        let packet = SCTPPacket.with(
            header: lastFromRight, chunks: SCTPPacket.chunk(type: 130, flags: 0, parameter))
        packet.withUnsafeBytes { #expect(pair.left.association.receive($0, at: .zero) == nil) }
        pair.run(for: 500)
        #expect(results == [2])
        #expect(counts(pair.left.association) == [1024, 1024])
    }

    /// The number of the right side's next request.
    private func lastNumber(_ pair: SCTPPair) -> UInt32? {
        pair.left.association.resetRequests.newest.map { $0 &+ 1 }
    }
}
