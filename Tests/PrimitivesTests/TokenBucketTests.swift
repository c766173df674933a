import Primitives
import Testing

@Suite struct TokenBucketTests {
    private let start = Instant(nanoseconds: 7_000_000_123)

    private func allows(_ bucket: inout TokenBucket, after span: Milliseconds) -> Bool {
        bucket.allows(at: start + span)
    }

    @Test func aSecondsWorthPassesAtOnceAndThenTheRate() {
        var bucket = TokenBucket(rate: 10)
        var taken = 0
        for millisecond in 0..<5_000 {
            let now = start + Milliseconds(UInt64(millisecond))
            while bucket.allows(at: now) {
                bucket.take(1)
                taken += 1
            }
        }
        // Ten, and ten more in each of five seconds less a millisecond, the last token begun.
        #expect(taken == 60)
    }

    @Test func whatIsLargerThanTheBurstIsPaidForAfterwards() {
        var bucket = TokenBucket(rate: 1000)
        #expect(allows(&bucket, after: 0))
        bucket.take(5000)
        #expect(!allows(&bucket, after: 3_999))
        #expect(bucket.nextAllowed.map { $0.since(start).whole } == 4_000)
        #expect(allows(&bucket, after: 4_001))
    }

    @Test func nextAllowedIsWhenItIsAllowed() throws {
        var bucket = TokenBucket(rate: 3)
        _ = bucket.allows(at: start)
        bucket.take(4)
        let next = try #require(bucket.nextAllowed)
        let isEarly = bucket.allows(at: Instant(nanoseconds: next.nanoseconds - 1))
        let isInTime = bucket.allows(at: next)
        #expect(!isEarly && isInTime)
    }

    @Test func whatIsAffordedLeavesTheReserve() throws {
        var bucket = TokenBucket(rate: 100, reserve: 10)
        let isMost = bucket.affords(90, at: start)
        bucket.take(85)
        let isLeft = bucket.affords(5, at: start)
        let isTooMuch = bucket.affords(6, at: start)
        #expect(isMost && isLeft && !isTooMuch)
        #expect(bucket.nextAllowed == nil)
        let next = try #require(bucket.nextAffording(6))
        #expect(next.since(start).whole == 10)
        let isInTime = bucket.affords(6, at: next)
        #expect(isInTime)
    }

    @Test func whatNoBucketHoldsIsAffordedByAFullOne() {
        var bucket = TokenBucket(rate: 100, reserve: 10)
        let isFull = bucket.affords(5_000, at: start)
        bucket.take(1)
        let isNearlyFull = bucket.affords(5_000, at: start)
        #expect(isFull && !isNearlyFull)
        #expect(bucket.nextAffording(5_000).map { $0.since(start).whole } == 10)
    }

    @Test func extremesNeitherTrapNorLoseCount() {
        var fast = TokenBucket(rate: TokenBucket.rates.upperBound)
        _ = fast.allows(at: start)
        fast.take(4_000_000_001)
        #expect(!allows(&fast, after: 0))
        #expect(allows(&fast, after: .seconds(10_000_000)))
        var slow = TokenBucket(rate: 1)
        _ = slow.allows(at: start)
        slow.take(1_000_000)
        #expect(!allows(&slow, after: .seconds(999_998)))
        #expect(allows(&slow, after: .seconds(1_000_001)))
        // Time that stands still, or comes from another core a little earlier.
        #expect(allows(&slow, after: 0))
    }
}
