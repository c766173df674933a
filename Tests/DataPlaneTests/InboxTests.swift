import CSockets
import Glibc
import Testing

@testable import DataPlane

@Suite struct InboxTests {
    @Test func requestsComeOutInOrderAndOnce() throws {
        let inbox = try Inbox<Int>()
        #expect(!isReadable(inbox))
        for number in 0..<100 { #expect(inbox.send(number)) }
        #expect(isReadable(inbox))
        #expect(inbox.take() == Array(0..<100))
        #expect(!isReadable(inbox), "the wake-up is taken with the requests")
        #expect(inbox.take() == [])
    }

    @Test func aClosedInboxTakesNothing() throws {
        let inbox = try Inbox<Int>()
        #expect(inbox.send(1))
        #expect(inbox.close() == [1])
        #expect(!inbox.send(2))
        #expect(inbox.take() == [])
        #expect(inbox.close() == [])
    }

    /// Each request is either taken, also by the closing, or refused: nobody waits for ever.
    @Test func nothingIsLostWhenItClosesAmidSending() async throws {
        let inbox = try Inbox<Int>()
        let accepted = await withTaskGroup(of: Int.self) { group in
            for sender in 0..<4 {
                group.addTask { (0..<5000).count { inbox.send(sender * 5000 + $0) } }
            }
            var taken = 0
            while taken == 0 { taken += inbox.take().count }
            taken += inbox.close().count
            return await group.reduce(-taken, +)
        }
        #expect(accepted == 0)
    }

    private func isReadable(_ inbox: Inbox<Int>) -> Bool {
        var watched = pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, 0) == 1
    }
}
