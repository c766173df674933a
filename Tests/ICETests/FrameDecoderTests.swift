import ICE
import Primitives
import SimulationSupport
import Testing

/// RFC 4571 framing, whatever the network makes of it.
@Suite struct FrameDecoderTests {
    private static let frames: [[UInt8]] = [[1], [2, 3, 4], Array(repeating: 5, count: 300), [6, 7]]

    private static func framed(_ frames: [[UInt8]]) -> [UInt8] {
        frames.flatMap { [UInt8($0.count >> 8), UInt8($0.count & 255)] + $0 }
    }

    /// What comes of these pieces, and why it ended.
    private func decode(_ pieces: [[UInt8]], in decoder: inout FrameDecoder) -> (frames: [[UInt8]], end: DropReason?) {
        var frames: [[UInt8]] = []
        for piece in pieces {
            let reason = piece.withUnsafeBytes { bytes in
                decoder.receive(bytes) { frame in
                    frames.append(Array(frame))
                    return true
                }
            }
            #expect(decoder.bufferedCount < FrameDecoder.headerSize + FrameDecoder.frameLimit)
            if let reason { return (frames, reason) }
        }
        return (frames, nil)
    }

    @Test func everyPairOfCuts() {
        let bytes = Self.framed(Self.frames)
        for first in 0...bytes.count {
            for second in Set([first, first + 1, first + 2, first + 3, bytes.count]) where second <= bytes.count {
                var decoder = FrameDecoder()
                let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]].map { Array($0) }
                let outcome = decode(pieces, in: &decoder)
                #expect(outcome.frames == Self.frames && outcome.end == nil, "cut at \(first) and \(second)")
                #expect(decoder.bufferedCount == 0)
            }
        }
    }

    @Test func byteByByte() {
        var decoder = FrameDecoder()
        let outcome = decode(Self.framed(Self.frames).map { [$0] }, in: &decoder)
        #expect(outcome.frames == Self.frames && outcome.end == nil)
    }

    @Test func theLongestFrameIsTakenAndALongerOneNot() {
        let longest = [UInt8](repeating: 9, count: FrameDecoder.frameLimit)
        for size in [1, 2, 700, 10_000] {
            var decoder = FrameDecoder()
            let bytes = Self.framed([longest, longest + [9], [1]])
            let pieces = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0...].prefix(size)) }
            let outcome = decode(pieces, in: &decoder)
            #expect(outcome.frames == [longest] && outcome.end == .tcpFrameTooLong, "in pieces of \(size)")
        }
    }

    /// Passed over, but not for ever; any frame that says something starts the count anew.
    @Test(arguments: [1, 2, 3, 1_000]) func emptyFrames(size: Int) {
        let most = [[UInt8]](repeating: [], count: FrameDecoder.emptyFrameLimit)
        let bytes = Self.framed(most + [[1]] + most + [[2]] + most + [[]] + [[3]])
        var decoder = FrameDecoder()
        let pieces = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0...].prefix(size)) }
        let outcome = decode(pieces, in: &decoder)
        #expect(outcome.frames == [[1], [2]] && outcome.end == .tcpFramesEmpty)
    }

    /// Whoever is not wanted any more is not heard: neither the rest of the piece nor anything half.
    @Test func theReceiverMayStop() {
        var decoder = FrameDecoder()
        var frames: [[UInt8]] = []
        let reason = (Self.framed([[1], [2], [3]]) + [0]).withUnsafeBytes { bytes in
            decoder.receive(bytes) { frame in
                frames.append(Array(frame))
                return frames.count < 2
            }
        }
        #expect(frames == [[1], [2]] && reason == nil)
        #expect(decoder.bufferedCount == 0)
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>) func anyBytesInAnyPiecesComeToTheSame(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var bytes: [UInt8] = []
        while bytes.count < 20_000 {
            let count = Int.random(in: 0...(random.chance(perMille: 10) ? 2_500 : 1_300), using: &random)
            bytes += Self.framed([random.bytes(count)])
        }
        var whole = FrameDecoder()
        let expected = decode([bytes], in: &whole)
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...1_500, using: &random)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        var cut = FrameDecoder()
        let outcome = decode(pieces, in: &cut)
        #expect(outcome.frames == expected.frames && outcome.end == expected.end)
    }
}

@Suite struct FrameQueueTests {
    private func append(_ bytes: [UInt8], to queue: inout FrameQueue) -> Bool {
        bytes.withUnsafeBytes { queue.append($0) }
    }

    @Test func framesWaitInOrderAndGoInAnyPieces() {
        var queue = FrameQueue()
        #expect(append([1, 2, 3], to: &queue))
        #expect(append([], to: &queue))
        #expect(append(Array(repeating: 4, count: 258), to: &queue))
        let expected: [UInt8] = [0, 3, 1, 2, 3, 0, 0, 1, 2] + Array(repeating: 4, count: 258)
        #expect(queue.count == expected.count)
        var sent: [UInt8] = []
        while !queue.isEmpty {
            sent += queue.withBytes { $0.prefix(4) }
            queue.consume(min(4, queue.count))
        }
        #expect(sent == expected)
        #expect(queue.count == 0)
    }

    /// Whole datagrams or nothing: half a frame would make nonsense of all that follows.
    @Test func whatDoesNotFitIsLeftOutWhole() {
        var queue = FrameQueue()
        let datagram = [UInt8](repeating: 7, count: 1_198)
        var taken = 0
        while append(datagram, to: &queue) { taken += 1 }
        #expect(taken == FrameQueue.byteLimit / 1_200)
        #expect(queue.count == taken * 1_200)
        let room = FrameQueue.byteLimit - queue.count
        #expect(append(Array(repeating: 8, count: room - 2), to: &queue))
        #expect(!append([], to: &queue))
        #expect(queue.count == FrameQueue.byteLimit)
        queue.consume(1_200)
        #expect(append(datagram, to: &queue))
        #expect(!append(Array(repeating: 0, count: 65_536), to: &queue))
    }

    /// A queue that is never empty does not grow for ever.
    @Test func aLongStreamKeepsItsOrder() {
        var queue = FrameQueue()
        var decoder = FrameDecoder()
        var next: UInt8 = 0
        for number in 0..<5_000 {
            #expect(append(Array(repeating: UInt8(truncatingIfNeeded: number), count: 1_000), to: &queue))
            guard queue.count > 100_000 else { continue }
            queue.withBytes { bytes in
                let reason = decoder.receive(UnsafeRawBufferPointer(rebasing: bytes.prefix(1_500))) { frame in
                    #expect(frame.count == 1_000 && frame[0] == next && frame[999] == next)
                    next &+= 1
                    return true
                }
                #expect(reason == nil)
            }
            queue.consume(1_500)
        }
        #expect(next > 0)
    }
}
