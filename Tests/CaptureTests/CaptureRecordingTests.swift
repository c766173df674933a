import Primitives
import Testing

@testable import Capture

@Suite struct CaptureRecordingTests {
    private func recording(byteLimit: Int = 1 << 20, waitingLimit: Int = 1 << 20) -> CaptureRecording {
        CaptureRecording(
            start: 1, comment: "", descriptions: { $0.name }, byteLimit: byteLimit, waitingLimit: waitingLimit)
    }

    /// Blocks by their types, read by their lengths.
    private func types(_ bytes: [UInt8]) throws -> [UInt32] {
        try bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            var types: [UInt32] = []
            while reader.remaining > 0 {
                let (type, length) = (reader.readUInt32(), reader.readUInt32())
                types.append(try #require(type))
                let isThere = reader.skip(Int(try #require(length)) - 12)
                let again = reader.readUInt32()
                try #require(isThere && again == length)
            }
            return types
        }
    }

    @Test func piecesMakeAFile() throws {
        var recording = recording()
        var file = recording.take()
        #expect(recording.append([1, 2], on: .browser, .received, at: 2) == .written)
        file += recording.take()
        #expect(recording.take().isEmpty)
        #expect(recording.append([3], on: .server, .sent, at: 3, comment: "odd") == .written)
        recording.close(at: 4, comment: "over")
        file += recording.take()
        #expect(recording.waitingCount == 0)
        #expect(try types(file) == [0x0A0D_0D0A, 1, 1, 6, 6, 5, 5])
    }

    @Test func theFileNeverGetsLargerThanItMay() throws {
        var recording = recording(byteLimit: 16_384)
        var outcome = CaptureRecording.Outcome.written
        var count: UInt64 = 0
        while outcome == .written, count < 1000 {
            outcome = recording.append([UInt8](repeating: 7, count: 100), on: .server, .sent, at: count)
            count += 1
        }
        #expect(outcome == .full)
        recording.close(at: 5, comment: "over")
        let file = recording.take()
        #expect(file.count <= 16_384 && file.count > 15_000)
        #expect(recording.tally(of: .server) == tally(seen: count, dropped: 1))
        #expect(try types(file).suffix(2) == [5, 5])
    }

    /// What finds no room is counted, and the next packet of its interface says so.
    @Test func whatNobodyFetchesIsLeftOutAndCounted() throws {
        var recording = recording(waitingLimit: 4096)
        var written: UInt64 = 0
        let packet = [UInt8](repeating: 7, count: 100)
        while recording.append(packet, on: .server, .sent, at: 0) == .written { written += 1 }
        #expect(recording.append(packet, on: .server, .sent, at: 0) == .dropped)
        #expect(recording.append(packet, on: .browser, .sent, at: 0) == .dropped)
        #expect(recording.waitingCount <= 4096 - CaptureRecording.closingRoom)
        #expect(recording.tally(of: .server) == tally(seen: written + 2, dropped: 2))
        _ = recording.take()
        #expect(recording.append(packet, on: .server, .sent, at: 0) == .written)
        let dropCount: [UInt8] = [0, 4, 0, 8, 0, 0, 0, 0, 0, 0, 0, 2]
        #expect(recording.take().dropLast(8).suffix(12) == dropCount[...])
        #expect(recording.append(packet, on: .server, .sent, at: 0) == .written)
        #expect(recording.take().dropLast(8).suffix(12) != dropCount[...])
    }

    @Test func whatCannotBeShownIsCounted() {
        var recording = recording()
        #expect(recording.append(nil, on: .browser, .received, at: 0) == .dropped)
        #expect(recording.tally(of: .browser) == tally(seen: 1, dropped: 1))
        #expect(recording.tally(of: .server) == CaptureTally())
    }

    private func tally(seen: UInt64, dropped: UInt64) -> CaptureTally {
        var tally = CaptureTally()
        tally.seen = seen
        tally.dropped = dropped
        return tally
    }
}
