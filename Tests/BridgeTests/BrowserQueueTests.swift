import Primitives
import SCTP
import SimulationSupport
import Testing

@testable import Bridge

@Suite struct BrowserPacerTests {
    /// However messages come, no two neighbouring frames of 60 Hz bring more than Godot's 64 KiB, each message
    /// counting five bytes more than its own.
    @Test(arguments: 1...30 as ClosedRange<UInt64>) func neverMoreThanAFrameHolds(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var pacer = BrowserPacer()
        var now = Instant(nanoseconds: UInt64.random(in: 0...40_000_000, using: &random))
        var sent: [(at: Instant, cost: Int)] = []
        for _ in 0..<2_000 {
            now = now + Milliseconds(nanoseconds: UInt64.random(in: 0...3_000_000, using: &random))
            let count =
                random.chance(perMille: 50)
                ? Int.random(in: 0...65_530, using: &random) : Int.random(in: 0...4_000, using: &random)
            if pacer.allows(count, at: now) {
                pacer.note(count)
                sent.append((now, count + 5))
            } else {
                #expect(pacer.nextSlot > now)
            }
        }
        #expect(sent.count > 100)
        var first = 0
        var sum = 0
        for message in sent {
            sum += message.cost
            while message.at.since(sent[first].at).nanoseconds > 16_666_667 {
                sum -= sent[first].cost
                first += 1
            }
            #expect(sum <= 65_536)
        }
    }

    @Test func theLargestMessageGoesEventually() {
        var pacer = BrowserPacer()
        var now = Instant(nanoseconds: 1_000_000_000)
        for _ in 0..<10 {
            var waits = 0
            while !pacer.allows(65_530, at: now) {
                now = pacer.nextSlot
                waits += 1
            }
            #expect(waits <= 2)
            pacer.note(65_530)
        }
    }
}

@Suite struct BrowserQueueTests {
    private let start = Instant(nanoseconds: 1_000_000_000)

    private func reliable(_ stream: UInt16) -> BrowserDestination {
        BrowserDestination(stream: stream, isUnordered: false, reliability: .reliable)
    }

    private func unreliable(_ stream: UInt16) -> BrowserDestination {
        BrowserDestination(stream: stream, isUnordered: false, reliability: .retransmissions(0))
    }

    private func append(
        _ bytes: [UInt8], _ destination: BrowserDestination, at now: Instant, to queue: inout BrowserQueue
    ) -> BrowserQueue.Room {
        bytes.withUnsafeBytes { queue.append($0, to: destination, at: now) }
    }

    private func drain(_ queue: inout BrowserQueue, at now: Instant, takes limit: Int = .max) -> [[UInt8]] {
        var sent: [[UInt8]] = []
        queue.drain(at: now) { payload, _ in
            guard sent.count < limit else { return .full }
            sent.append(Array(payload))
            return .accepted
        }
        return sent
    }

    private func mayPass(
        _ destination: BrowserDestination, count: Int, at now: Instant, _ queue: inout BrowserQueue
    ) -> Bool {
        queue.mayPass(destination, count: count, at: now)
    }

    @Test func streamsTakeTurnsAndKeepTheirOrder() {
        var queue = BrowserQueue(isPaced: false)
        for number in 0..<3 as Range<UInt8> {
            _ = append([1, number], reliable(1), at: start, to: &queue)
            _ = append([2, number], reliable(2), at: start, to: &queue)
        }
        _ = append([1, 99], unreliable(1), at: start, to: &queue)
        #expect(drain(&queue, at: start) == [[1, 99], [1, 0], [2, 0], [1, 1], [2, 1], [1, 2], [2, 2]])
        #expect(queue.isEmpty && queue.reliableBytes == 0 && queue.unreliableBytes == 0)
        #expect(queue.nextDeadline == nil)
    }

    /// State goes before reliable messages of every stream, but these go, too, however much state there is.
    @Test func unreliableGoesFirstButNotAlone() {
        var queue = BrowserQueue(isPaced: false)
        let state = [UInt8](repeating: 2, count: 1_000)
        for _ in 0..<20 { _ = append([1], reliable(1), at: start, to: &queue) }
        var sent: [[UInt8]] = []
        for _ in 0..<10 {
            for _ in 0..<30 { _ = append(state, unreliable(2), at: start, to: &queue) }
            sent += drain(&queue, at: start, takes: 30)
        }
        #expect(sent.prefix(46).allSatisfy { $0 == state })
        let overtaken = sent.count { $0 == [1] }
        let bytes = (sent.count - overtaken) * 1_064
        #expect(overtaken == bytes / BrowserQueue.overtakingLimit)
    }

    /// SCTP may have room for one kind and not for the other.
    @Test func aKindThatIsRefusedHoldsUpTheOtherNot() {
        for refused in [true, false] {
            var queue = BrowserQueue(isPaced: false)
            _ = append([1], reliable(1), at: start, to: &queue)
            _ = append([2], unreliable(2), at: start, to: &queue)
            var sent: [Bool] = []
            queue.drain(at: start) { _, destination in
                guard destination.isReliable != refused else { return .full }
                sent.append(destination.isReliable)
                return .accepted
            }
            #expect(sent == [!refused])
        }
    }

    @Test func refusalKeepsTheMessageAndItsPlace() {
        var queue = BrowserQueue(isPaced: false)
        for number in 0..<4 as Range<UInt8> { _ = append([number], reliable(1), at: start, to: &queue) }
        #expect(drain(&queue, at: start, takes: 2) == [[0], [1]])
        #expect(!mayPass(reliable(1), count: 1, at: start, &queue))
        #expect(mayPass(reliable(2), count: 1, at: start, &queue))
        #expect(drain(&queue, at: start) == [[2], [3]])
    }

    @Test func staleMessagesAreDroppedAndCounted() {
        var queue = BrowserQueue(isPaced: false)
        _ = append([1], unreliable(1), at: start, to: &queue)
        _ = append([2], unreliable(2), at: start + 100, to: &queue)
        _ = append([3], reliable(1), at: start, to: &queue)
        #expect(queue.nextDeadline == start + BrowserQueue.staleAge)
        #expect(drain(&queue, at: start + 199, takes: 0).isEmpty)
        #expect(queue.drops.total == 0)
        #expect(drain(&queue, at: start + 200, takes: 0).isEmpty)
        #expect(queue.drops[.messageStale] == 1)
        #expect(drain(&queue, at: start + 10_000) == [[3]])
        #expect(queue.drops[.messageStale] == 2)
        #expect(queue.isEmpty)
    }

    /// A refusal on the first stream must not leave a deadline in the past on the others.
    @Test(arguments: [true, false]) func noDeadlineIsInThePast(paced: Bool) {
        var queue = BrowserQueue(isPaced: paced)
        for stream in 1...5 as ClosedRange<UInt16> {
            _ = append([1], reliable(stream), at: start, to: &queue)
            _ = append([1], unreliable(stream), at: start, to: &queue)
        }
        var now = start
        for _ in 0..<100 {
            now = now + 13
            _ = drain(&queue, at: now, takes: 0)
            if let deadline = queue.nextDeadline { #expect(deadline > now) }
        }
    }

    @Test func reliableMessagesHaveALimit() {
        var queue = BrowserQueue(isPaced: false)
        var kept = 0
        let bytes = [UInt8](repeating: 0, count: 60_000)
        while case .kept = append(bytes, reliable(1), at: start, to: &queue) { kept += 1 }
        #expect(kept == BrowserQueue.reliableLimit / 60_064)
        #expect(queue.reliableBytes <= BrowserQueue.reliableLimit)
        // Empty ones fill it, too.
        var empty = BrowserQueue(isPaced: false)
        kept = 0
        while case .kept = append([], reliable(1), at: start, to: &empty) { kept += 1 }
        #expect(kept == BrowserQueue.reliableLimit / 64)
    }

    @Test func theOldestUnreliableMakesRoom() {
        var queue = BrowserQueue(isPaced: false)
        for number in 0..<100 as Range<UInt8> {
            _ = append(
                [number] + [UInt8](repeating: 0, count: 999), unreliable(UInt16(number % 3)), at: start + 1, to: &queue)
            #expect(queue.unreliableBytes <= BrowserQueue.unreliableLimit)
        }
        let left = drain(&queue, at: start + 2).map { $0[0] }.sorted()
        #expect(left.count == BrowserQueue.unreliableLimit / 1_064)
        #expect(queue.drops[.messageQueueFull] == UInt64(100 - left.count))
        #expect(left.contains(99))
    }

    /// Paced, the queue waits although SCTP would take everything.
    @Test func pacedStreamsWait() {
        var queue = BrowserQueue(isPaced: true)
        for _ in 0..<4 { _ = append([UInt8](repeating: 1, count: 40_000), reliable(1), at: start, to: &queue) }
        #expect(drain(&queue, at: start).count == 1)
        let next = queue.nextDeadline
        #expect(next != nil && next! > start && next! <= start + 17)
        #expect(drain(&queue, at: start + 40).count == 1)
        // Another stream has a pace of its own.
        #expect(mayPass(reliable(2), count: 60_000, at: start + 40, &queue))
        queue.notePassed(reliable(2), count: 60_000)
        #expect(!mayPass(reliable(2), count: 60_000, at: start + 41, &queue))
    }

    /// Where the page said how long a message lives, that counts, and SCTP is told what is left of it.
    @Test func lifetimesCountFromTheQueue() {
        func lifetime(_ milliseconds: UInt32) -> BrowserDestination {
            BrowserDestination(stream: 1, isUnordered: true, reliability: .lifetime(milliseconds))
        }
        var queue = BrowserQueue(isPaced: false)
        _ = append([1], lifetime(50), at: start, to: &queue)
        #expect(queue.nextDeadline == start + 50)
        #expect(drain(&queue, at: start + 50, takes: 0).isEmpty && queue.isEmpty)
        #expect(queue.drops[.messageStale] == 1)
        _ = append([2], lifetime(3_000), at: start, to: &queue)
        _ = append([3], lifetime(0), at: start + 1_000, to: &queue)
        var left: [BrowserDestination] = []
        queue.drain(at: start + 1_000) { _, destination in
            left.append(destination)
            return .accepted
        }
        #expect(left == [lifetime(2_000), lifetime(0)])
    }

    /// A stream that cannot be sent on now does not hold up the others.
    @Test func aBusyStreamWaitsAlone() {
        var queue = BrowserQueue(isPaced: false)
        for stream in 1...3 as ClosedRange<UInt16> {
            for number in 0..<2 as Range<UInt8> {
                _ = append([UInt8(stream), number], reliable(stream), at: start, to: &queue)
            }
        }
        var sent: [[UInt8]] = []
        queue.drain(at: start) { payload, destination in
            guard destination.stream != 1 else { return .streamBusy }
            sent.append(Array(payload))
            return .accepted
        }
        #expect(sent == [[2, 0], [3, 0], [2, 1], [3, 1]])
        #expect(drain(&queue, at: start) == [[1, 0], [1, 1]])
    }

    /// A closed channel's messages go, counted, and nobody else's.
    @Test func aClosedStreamIsDiscarded() {
        var queue = BrowserQueue(isPaced: false)
        for stream in 1...2 as ClosedRange<UInt16> {
            _ = append([UInt8(stream)], reliable(stream), at: start, to: &queue)
            _ = append([UInt8(stream)], unreliable(stream), at: start, to: &queue)
        }
        queue.discard(stream: 1)
        queue.discard(stream: 7)
        #expect(queue.drops[.channelClosed] == 2)
        #expect(drain(&queue, at: start) == [[2], [2]])
        #expect(queue.isEmpty && queue.reliableBytes == 0 && queue.unreliableBytes == 0)
    }

    @Test func discardingCounts() {
        var queue = BrowserQueue(isPaced: true)
        for _ in 0..<3 { _ = append([1], reliable(1), at: start, to: &queue) }
        _ = append([1], unreliable(2), at: start, to: &queue)
        queue.discard()
        #expect(queue.isEmpty && queue.reliableBytes == 0 && queue.unreliableBytes == 0)
        #expect(queue.drops[.sessionEnding] == 4)
        #expect(queue.nextDeadline == nil)
    }
}
