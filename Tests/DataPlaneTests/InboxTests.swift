import CSockets
import Foundation
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
        let (accepted, report) = AsyncStream.makeStream(of: Int.self)
        // Threads of their own: tasks share a few with all other tests.
        for first in stride(from: 0, to: 20_000, by: 5_000) {
            Thread.detachNewThread { report.yield((first..<first + 5_000).count { inbox.send($0) }) }
        }
        #expect(isReadable(inbox, within: 10_000))
        let taken = inbox.take().count + inbox.close().count
        #expect(await accepted.prefix(4).reduce(0, +) == taken)
    }

    /// Whether it becomes so within that many milliseconds.
    private func isReadable(_ inbox: Inbox<Int>, within wait: Int32 = 0) -> Bool {
        var watched = pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&watched, 1, wait) == 1
    }
}
