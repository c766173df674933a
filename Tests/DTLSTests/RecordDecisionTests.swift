import Primitives
import SimulationSupport
import Testing

@testable import DTLS

/// The record layer beside OpenSSL's own: the same keys, the same datagrams, and the same decision each time.
@Suite struct RecordDecisionTests {
    /// Lost, doubled, late, forged, cut and glued together, as the seed has it.
    @Test(arguments: TakeOverTests.suites, 0..<25 as Range<UInt64>)
    func itTakesWhatOpenSSLTakes(suite: String, seed: UInt64) throws {
        let pair = try TakeOverTests.pair(.server, suite: suite)
        pair.server.takesOver = false
        pair.start()
        guard let ssl = pair.server.ssl, let keys = RecordKeys(of: ssl), var layer = RecordLayer(.server, keys) else {
            throw RecordKeysTests.Missing()
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: RecordLayer.longestFragment, alignment: 16)
        defer { buffer.deallocate() }
        // The Finished that OpenSSL has taken.
        for datagram in pair.fromClient { _ = Self.open(datagram, with: &layer, buffer) }

        var random = SeededRandom(seed: seed)
        var way = Way(random.next())
        var taken = 0
        for number in 0..<400 as Range<UInt16> {
            let plaintext =
                [UInt8(number >> 8), UInt8(number & 255)] + random.bytes(Int.random(in: 0...60, using: &random))
            #expect(pair.send(plaintext, from: pair.client))
            for datagram in way.carry(pair.take(pair.client)[0]) {
                let before = pair.atServer.count
                pair.deliver(datagram, to: pair.server)
                let ours = Self.open(datagram, with: &layer, buffer)
                #expect(ours == Array(pair.atServer[before...]), "datagram \(datagram)")
                taken += ours.count
            }
        }
        #expect(pair.server.state == .established)
        #expect(Set(pair.atServer).count == pair.atServer.count)
        // Both say no to everything otherwise.
        #expect((100..<400).contains(taken), "\(taken)")
    }

    private static func open(
        _ datagram: [UInt8], with layer: inout RecordLayer, _ buffer: UnsafeMutableRawBufferPointer
    ) -> [[UInt8]] {
        datagram.withUnsafeBytes { bytes in
            var records = DTLSRecords(bytes)
            var plaintexts: [[UInt8]] = []
            while let record = records.next() {
                guard let plaintext = layer.open(record, into: buffer),
                    record.header.type == ContentType.applicationData.rawValue
                else { continue }
                plaintexts.append(Array(plaintext))
            }
            return plaintexts
        }
    }

    /// A network, and someone on it.
    private struct Way {
        private var random: SeededRandom
        private var late: [[UInt8]] = []
        private var past: [[UInt8]] = []

        init(_ seed: UInt64) { random = SeededRandom(seed: seed) }

        mutating func carry(_ datagram: [UInt8]) -> [[UInt8]] {
            past.append(datagram)
            var arriving: [[UInt8]] = []
            switch Int.random(in: 0..<12, using: &random) {
            case 0: break
            case 1: arriving = [datagram, datagram]
            case 2, 3: late.append(datagram)
            case 4: arriving = [forged(datagram), datagram]
            case 5: arriving = [cut(datagram), datagram]
            case 6:
                let old = past[max(0, past.count - 90)...].randomElement(using: &random) ?? []
                arriving = [old, datagram + old]
            case 7: arriving = [forged(datagram) + datagram]
            case 8: arriving = [datagram + random.bytes(Int.random(in: 0...20, using: &random))]
            default: arriving = [datagram]
            }
            while random.chance(perMille: 150), !late.isEmpty {
                arriving.append(late.remove(at: Int.random(in: 0..<late.count, using: &random)))
            }
            return arriving
        }

        /// Anything but its length, which says where the next record begins, and its version: OpenSSL takes what follows the
        /// header of a record of another version for the next header, and so misses what shares the datagram with it.
        private mutating func forged(_ datagram: [UInt8]) -> [UInt8] {
            var bytes = datagram
            var at = 0
            repeat { at = Int.random(in: 0..<bytes.count, using: &random) } while [1, 2, 11, 12].contains(at)
            bytes[at] ^= UInt8.random(in: 1...255, using: &random)
            return bytes
        }

        /// Shorter, with a header that says so or not; not so short that OpenSSL never gets it.
        private mutating func cut(_ datagram: [UInt8]) -> [UInt8] {
            var bytes = Array(datagram.dropLast(Int.random(in: 1...2, using: &random)))
            if random.chance(perMille: 500) { bytes.store(bigEndian: UInt16(bytes.count - 13), at: 11) }
            return bytes
        }
    }
}
