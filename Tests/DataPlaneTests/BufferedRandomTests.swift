import Testing

@testable import DataPlane

@Suite struct BufferedRandomTests {
    /// Across several fetches, no word is one that was given out before, which is wiped.
    @Test func noWordComesTwice() {
        let random = BufferedRandom()
        let words = (0..<BufferedRandom.capacity * 5 / 2).map { _ in random.next() }
        #expect(Set(words).count == words.count)
        #expect(!words.contains(0))
    }
}
