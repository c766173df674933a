import Bridge
import ENet
import Primitives
import Testing

@testable import Gateway

@Suite struct DatagramConnectionTests {
    private let connection = DatagramConnection(sendLimit: Profile.datagramLimit)
    private let now = Instant.zero

    private func receive(_ bytes: [UInt8]) throws(DropReason) {
        // A closure would lose the type of what is thrown.
        let span = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { span.deallocate() }
        span.copyBytes(from: bytes)
        try connection.receive(UnsafeRawBufferPointer(span), at: now)
    }

    private func send(_ bytes: [UInt8]) -> SendResult {
        bytes.withUnsafeBytes { connection.send($0, channel: 0, delivery: .unsequenced, at: now) }
    }

    /// The payload of the next event, which must be a packet.
    private func takePacket() throws -> [UInt8] {
        guard case .packet(let packet)? = connection.takeEvent(at: now) else {
            throw NoPacket()
        }
        return Array(packet.payload)
    }

    private struct NoPacket: Error {}

    private var hasNoMore: Bool {
        if case nil = connection.takeEvent(at: now) { true } else { false }
    }

    private func connect() {
        connection.connect(at: now)
        guard case .connected? = connection.takeEvent(at: now) else {
            Issue.record("it is connected at once")
            return
        }
    }

    @Test func datagramsPassUnchanged() throws {
        connect()
        for bytes in [[1, 2, 3], [], [UInt8](repeating: 7, count: Profile.datagramLimit)] as [[UInt8]] {
            #expect(send(bytes) == .queued)
            try receive(bytes)
            #expect(try takePacket() == bytes)
        }
        var sizes: [Int] = []
        connection.outgoing.forEach { sizes.append($0.count) }
        #expect(sizes == [3, 0, Profile.datagramLimit])
        #expect(hasNoMore)
        #expect(connection.nextDeadline == nil)
    }

    @Test func theLimitHoldsBothWays() throws {
        connect()
        let tooLarge = [UInt8](repeating: 0, count: Profile.datagramLimit + 1)
        #expect(send(tooLarge) == .tooLarge)
        #expect(throws: DropReason.messageTooLarge) { try receive(tooLarge) }
        #expect(connection.outgoing.isEmpty)
        #expect(hasNoMore)
    }

    @Test func theOldestAreDroppedFirst() throws {
        connect()
        let count = DatagramConnection.waitingLimit + 40
        for number in 0..<count { try receive([UInt8(number >> 8), UInt8(number & 0xFF)]) }
        #expect(connection.waitingCount == DatagramConnection.waitingLimit)
        #expect(connection.drops[.messageQueueFull] == 40)
        for number in 40..<count { #expect(try takePacket() == [UInt8(number >> 8), UInt8(number & 0xFF)]) }
        #expect(hasNoMore)
    }

    @Test func afterTheEndNothingPasses() throws {
        connect()
        try receive([1])
        connection.disconnect(data: 0, later: true, at: now)
        #expect(send([1]) == .notConnected)
        #expect(throws: DropReason.sessionEnding) { try receive([1]) }
        let deadline = try #require(connection.nextDeadline)
        #expect(deadline > now)
        #expect(try takePacket() == [1])
        guard case .ended? = connection.takeEvent(at: now) else {
            Issue.record("the end is told")
            return
        }
        #expect(connection.nextDeadline == nil)
        connection.disconnect(data: 0, later: false, at: now)
        #expect(hasNoMore)
    }
}
