import Gateway
import Glibc
import Primitives
import SimulationSupport
import Testing

@testable import DataPlane

/// What the worker does between two turns, and when.
@Suite struct WorkerRestTests {
    private static let span: Milliseconds = 1

    /// A turn every 100 µs for 20 ms, with one datagram each.
    private func busy(until end: Instant) -> Coalescing {
        var coalescing = Coalescing(Self.span)
        for turn in 0...200 {
            let began = Instant(nanoseconds: end.nanoseconds - UInt64(200 - turn) * 100_000)
            coalescing.noteTurn(began: began, arrived: UInt64(turn), hasReadAll: true)
        }
        return coalescing
    }

    private let now = Instant.zero + .seconds(5)
    private let soon = Milliseconds(nanoseconds: 100_000)

    @Test func whereMuchComesTheNextTurnWaits() {
        #expect(busy(until: now).wait(at: now + soon, before: nil) == now + Self.span)
    }

    @Test func aTurnThatTookLongerIsFollowedByTheNextAtOnce() {
        #expect(busy(until: now).wait(at: now + Self.span, before: nil) == nil)
    }

    @Test func aDeadlineIsNotWaitedOver() {
        let coalescing = busy(until: now)
        let later = now + Milliseconds(nanoseconds: 500_000)
        #expect(coalescing.wait(at: now + soon, before: now + Self.span + soon) == now + Self.span)
        #expect(coalescing.wait(at: now + soon, before: later) == later)
        #expect(coalescing.wait(at: now + soon, before: now + soon) == nil)
    }

    @Test func whereLittleComesNothingWaits() {
        var coalescing = Coalescing(Self.span)
        for turn in 0...200 {
            let began = now + Milliseconds(UInt64(turn))
            coalescing.noteTurn(began: began, arrived: UInt64(turn) * 5, hasReadAll: true)
            #expect(coalescing.wait(at: began, before: nil) == nil)
        }
    }

    @Test func whatIsLeftUnreadIsReadAtOnce() {
        var coalescing = busy(until: now)
        coalescing.noteTurn(began: now + soon, arrived: 400, hasReadAll: false)
        #expect(coalescing.wait(at: now + soon, before: nil) == nil)
        coalescing.noteTurn(began: now + soon, arrived: 500, hasReadAll: true)
        #expect(coalescing.wait(at: now + soon, before: nil) == now + soon + Self.span)
    }

    /// Who comes after a silence is not taken for a crowd.
    @Test func afterASilenceNothingWaits() {
        var coalescing = busy(until: now)
        let later = now + .seconds(3600)
        coalescing.noteTurn(began: later, arrived: 201, hasReadAll: true)
        #expect(coalescing.wait(at: later, before: nil) == nil)
    }

    /// It sleeps in no system call as long as it polls.
    @Test func pollingFindsWhatComesWithoutSleeping() throws {
        // A page that the kernel has to fetch is a sleep, too, but not five times.
        let counts = try (0..<5).map { _ in try sleeps(polling: .seconds(60), for: 5) }
        #expect(counts.contains(0))
    }

    @Test(arguments: [nil, 1] as [Milliseconds?])
    func withoutPollingAndAfterItTheWorkerSleeps(polling: Milliseconds?) throws {
        #expect(try sleeps(polling: polling, for: 200) > 0)
    }

    /// How often the thread slept until a timer was due.
    private func sleeps(polling: Milliseconds?, for span: Milliseconds) throws -> Int {
        let poll = try EventPoll()
        let end = MonotonicClock.now + span
        poll.arm(end)
        let before = voluntarySwitches()
        poll.wait(sleeping: true, polling: polling) { _, _ in }
        let after = voluntarySwitches()
        #expect(MonotonicClock.now >= end)
        return after - before
    }

    /// How often this thread has given the processor away to wait (getrusage(2)).
    private func voluntarySwitches() -> Int {
        var usage = rusage()
        // RUSAGE_THREAD, which Glibc's Swift module lacks.
        precondition(getrusage(1, &usage) == 0, "getrusage knows every thread.")
        return usage.ru_nvcsw
    }
}

/// The worker with real sockets.
@Suite(.onTheSCTPStack) struct CoalescingWorkerTests {
    /// Of datagrams that come one by one, several are read at a time.
    @Test func aCoalescingWorkerTakesFewTurns() async throws {
        var settings = DataPlaneSettings(
            udp: Loopback.ipv4, advertised: AdvertisedAddresses([]),
            gateway: GatewayConfiguration(routes: [], advertised: []))
        settings.rest = .coalescing(200)
        let plane = try await DataPlane.start(settings) { _ in }
        let stranger = try UDPSocket(connectedTo: plane.udp)
        // So that it knows how many come.
        _ = send(on: stranger)
        let before = await turnsOnceRead(Self.count, plane)
        let took = send(on: stranger)
        let turns = await turnsOnceRead(2 * Self.count, plane) - before
        // After the sender has paused for 33 ms or more the worker expects little, and may go turn by turn for a window,
        // which is 33 turns or so: no more than one for each millisecond that passed. Without coalescing there are three.
        #expect(turns <= took.whole + 50)
        await plane.stop()
    }

    private func turnsOnceRead(_ count: UInt64, _ plane: DataPlane) async -> UInt64 {
        let end = MonotonicClock.now + .seconds(30)
        while MonotonicClock.now < end {
            let loop = await plane.metrics().loop
            if loop.received.sum >= count { return loop.turns.count }
        }
        Issue.record("Not all datagrams were read in half a minute.")
        return 0
    }

    private static let count: UInt64 = 300

    /// For some 100 ms; how long it took.
    private func send(on socket: UDPSocket) -> Milliseconds {
        let batch = DatagramBatch()
        let began = MonotonicClock.now
        for _ in 0..<Self.count {
            #expect(batch.send([[255]], to: nil, on: socket) == .init())
            // One by one is what is tested.
            usleep(250)
        }
        return MonotonicClock.now.since(began)
    }
}
