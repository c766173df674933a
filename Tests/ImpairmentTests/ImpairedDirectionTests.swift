import Primitives
import Testing

@testable import Impairment

private let path = Path.udp(TransportAddress(ipv4: 0xC000_0201, port: 9))

/// Sends datagram `number` every `interval` and lets time pass to each deadline, as a worker does; what arrived, and when.
private func run(
    _ direction: inout ImpairedDirection, count: UInt32, every interval: Milliseconds = 10
) -> [(number: UInt32, at: Instant)] {
    var arrivals: [(number: UInt32, at: Instant)] = []
    func release(_ direction: inout ImpairedDirection, until end: Instant) {
        while let due = direction.nextDeadline, due <= end {
            direction.release(at: due) { bytes, _ in
                arrivals.append((bytes.loadUnaligned(as: UInt32.self), due))
                return nil
            }
        }
    }
    var now = Instant.zero
    for number in 0..<count {
        release(&direction, until: now)
        withUnsafeBytes(of: number) { direction.take($0, on: path, at: now) }
        now = now + interval
    }
    release(&direction, until: Instant(nanoseconds: .max))
    return arrivals
}

private func impairment(_ loss: Int, _ delay: Int) throws -> Impairment {
    try #require(Impairment(lossPercent: loss, delay: delay))
}

struct ImpairedDirectionTests {
    @Test func withoutImpairmentEverythingCrossesAtOnceAndInOrder() {
        var direction = ImpairedDirection(.none, seed: 1)
        let arrivals = run(&direction, count: 500)
        #expect(arrivals.map(\.number) == Array(0..<500))
        #expect(arrivals.allSatisfy { $0.at == .zero + Milliseconds(UInt64($0.number) * 10) })
        #expect(direction.drops.total == 0 && direction.offered == 500 && direction.isEmpty)
    }

    @Test func theSeedDecidesAll() throws {
        func arrivals(seed: UInt64) throws -> [UInt64] {
            var direction = ImpairedDirection(try impairment(20, 100), seed: seed)
            return run(&direction, count: 1000).map { UInt64($0.number) << 40 | $0.at.nanoseconds / 1000 }
        }
        #expect(try arrivals(seed: 7) == arrivals(seed: 7))
        #expect(try arrivals(seed: 7) != arrivals(seed: 8))
    }

    @Test(arguments: [1, 5, 20, 50]) func asManyAreLostAsSaid(percent: Int) throws {
        var direction = ImpairedDirection(try impairment(percent, 0), seed: 3)
        let arrivals = run(&direction, count: 20_000)
        let lost = 20_000 - arrivals.count
        // Six standard deviations of the binomial distribution are at most 424.
        #expect(abs(lost - 200 * percent) < 430)
        #expect(direction.drops[.impairmentLoss] == UInt64(lost) && direction.drops.total == UInt64(lost))
    }

    @Test func eachIsLateByTheDelayAndSomeJitterAndNoneOvertakes() throws {
        var direction = ImpairedDirection(try impairment(0, 100), seed: 4)
        let arrivals = run(&direction, count: 1000)
        let late = arrivals.map { $0.at.since(.zero + Milliseconds(UInt64($0.number) * 10)) }
        #expect(arrivals.map(\.number) == Array(0..<1000))
        #expect(late.allSatisfy { $0 >= 100 && $0 <= 125 })
        let range = try #require(late.min().map { ($0, late.max() ?? $0) })
        #expect(range.0 < 103 && range.1 > 122)
    }

    @Test func whatIsHeldKeepsItsTimeWhenTheImpairmentChanges() throws {
        var direction = ImpairedDirection(try impairment(0, 400), seed: 5)
        withUnsafeBytes(of: UInt32(1)) { direction.take($0, on: path, at: .zero) }
        let due = try #require(direction.nextDeadline)
        direction.impairment = .none
        withUnsafeBytes(of: UInt32(2)) { direction.take($0, on: path, at: .zero + 10) }
        var arrived: [UInt32] = []
        direction.release(at: .zero + 399) { _, _ in .sessionUnknown }
        #expect(direction.count == 2)
        direction.release(at: due) { bytes, _ in
            arrived.append(bytes.loadUnaligned(as: UInt32.self))
            return nil
        }
        #expect(arrived == [1, 2] && due >= .zero + 400)
    }

    @Test func theQueueIsBoundedInDatagramsAndInBytes() throws {
        var direction = ImpairedDirection(try impairment(0, 1000), seed: 6)
        for number in UInt32(0)..<2000 { withUnsafeBytes(of: number) { direction.take($0, on: path, at: .zero) } }
        #expect(direction.count == ImpairedDirection.maximumDatagrams)
        #expect(direction.drops[.impairmentQueueFull] == UInt64(2000 - ImpairedDirection.maximumDatagrams))
        direction.release(at: .zero + 2000) { _, _ in nil }

        let large = [UInt8](repeating: 0, count: 16_384)
        for _ in 0..<100 { large.withUnsafeBytes { direction.take($0, on: path, at: .zero + 3000) } }
        #expect(direction.count == ImpairedDirection.maximumBytes / 16_384)
        direction.release(at: .zero + 5000) { _, _ in nil }
        large.withUnsafeBytes { direction.take($0, on: path, at: .zero + 6000) }
        #expect(direction.count == 1)
    }

    @Test func whatNobodyTakesAnyMoreIsCounted() throws {
        var direction = ImpairedDirection(try impairment(0, 10), seed: 7)
        withUnsafeBytes(of: UInt32(1)) { direction.take($0, on: path, at: .zero) }
        direction.release(at: .zero + 20) { _, _ in .datagramFromStranger }
        #expect(direction.isEmpty && direction.drops[.datagramFromStranger] == 1)
    }

    @Test func onlyWhatIsWithinTheBoundsIsAnImpairment() {
        #expect(Impairment(lossPercent: 50, delay: 1000) != nil)
        #expect(Impairment(lossPercent: 51, delay: 0) == nil && Impairment(lossPercent: -1, delay: 0) == nil)
        #expect(Impairment(lossPercent: 0, delay: 1001) == nil && Impairment(lossPercent: 0, delay: -1) == nil)
    }

    @Test func theTwoDirectionsOfAWayDiffer() throws {
        var way = ImpairedWay(try impairment(20, 0), seed: 8)
        let one = run(&way.fromBrowser, count: 200).map(\.number)
        let other = run(&way.toBrowser, count: 200).map(\.number)
        #expect(one != other)
        #expect(way.report.fromBrowser == .init(datagrams: 200, dropped: UInt64(200 - one.count)))
        #expect(way.drops[.impairmentLoss] == UInt64(400 - one.count - other.count))
        way.impairment = .none
        #expect(way.fromBrowser.impairment == .none && way.toBrowser.impairment == .none)
    }
}
