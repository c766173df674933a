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
