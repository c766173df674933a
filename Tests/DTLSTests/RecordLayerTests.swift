import Primitives
import SimulationSupport
import Testing

@testable import DTLS

/// The record layer by itself, one that seals and one that opens, with keys of the test's making.
@Suite struct RecordLayerTests {
    @Test(arguments: RecordCipher.allCases) func whatIsSealedOpensOnceAndWhole(cipher: RecordCipher) throws {
        let way = try RecordWay(cipher)
        var nonces: Set<[UInt8]> = []
        var random = SeededRandom(seed: 1)
        for (index, count) in [0, 1, 15, 16, 17, 100, 1_400, 1 << 14].enumerated() {
            let plaintext = random.bytes(count)
            let record = try #require(way.seal(plaintext))
            #expect(record.count == RecordHeader.byteCount + count + cipher.expansion)
            #expect(record[..<11] == [23, 254, 253, 0, 1, 0, 0, 0, 0, 0, UInt8(7 + index)])
            #expect(nonces.insert(Array(record[13..<21])).inserted)
            #expect(way.open(record) == plaintext)
            #expect(way.open(record) == nil)
        }
    }

    /// Who has rested goes on where it stopped: no number and no nonce comes again, and nothing opens twice.
    @Test(arguments: RecordCipher.allCases) func restingChangesNothing(cipher: RecordCipher) throws {
        let (way, other) = (try RecordWay(cipher), try RecordWay(cipher))
        var records: [[UInt8]] = []
        for number in 0..<12 as Range<UInt8> {
            for _ in 0..<number % 4 { way.rest() }
            let record = try #require(way.seal([number]))
            #expect(record == other.seal([number]))
            for _ in 0..<number % 3 { way.rest() }
            #expect(way.open(record) == [number])
            records.append(record)
        }
        way.rest()
        way.rest()
        for record in records { #expect(way.open(record) == nil) }
    }

    /// RFC 5288 §3: the sender's nonces count on from the one given.
    @Test(arguments: [RecordCipher.aes128GCM, .aes256GCM]) func noncesCountOn(cipher: RecordCipher) throws {
        let way = try RecordWay(cipher, nonce: 0xFFFF_FFFF_FFFF_FFFD)
        // The writes that were noted had that one.
        for expected in [0xFFFF_FFFF_FFFF_FFFE, 0xFFFF_FFFF_FFFF_FFFF, 0, 1] as [UInt64] {
            let record = try #require(way.seal([1]))
            #expect(record[13..<21].elementsEqual(withUnsafeBytes(of: expected.bigEndian) { Array($0) }))
            #expect(way.open(record) == [1])
        }
    }

    @Test(arguments: RecordCipher.allCases) func everyBitAndEveryByteCounts(cipher: RecordCipher) throws {
        let way = try RecordWay(cipher)
        let record = try #require(way.seal([1, 2, 3]))
        for bit in 0..<record.count * 8 {
            var forged = record
            forged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(way.open(forged) == nil, "bit \(bit)")
        }
        for count in 0..<record.count {
            #expect(way.open(Array(record.prefix(count))) == nil)
            // Cut, and the header says so.
            guard count >= RecordHeader.byteCount else { continue }
            var cut = Array(record.prefix(count))
            cut.store(bigEndian: UInt16(count - RecordHeader.byteCount), at: 11)
            #expect(way.open(cut) == nil)
        }
        #expect(way.open(record) == [1, 2, 3])
    }

    /// RFC 6347 §4.1.2.6: forged numbers move no window.
    @Test(arguments: RecordCipher.allCases) func forgedNumbersCloseNothing(cipher: RecordCipher) throws {
        let way = try RecordWay(cipher)
        let record = try #require(way.seal([1]))
        var forged = record
        forged.replaceSubrange(5..<11, with: [255, 255, 255, 255, 255, 255])
        #expect(way.open(forged) == nil)
        #expect(way.open(record) == [1])
    }

    /// Sealed with the right key all the same.
    @Test(arguments: RecordCipher.allCases) func otherVersionsAndEpochsAreNotTaken(cipher: RecordCipher) throws {
        for (version, epoch) in [(0xFEFF, 1), (0xFEFC, 1), (0x0303, 1), (0xFEFD, 0), (0xFEFD, 2)] as [(UInt16, UInt16)]
        {
            let way = try RecordWay(cipher)
            var header = RecordHeader(type: .applicationData, sequenceNumber: 9, length: 3 + cipher.expansion)
            header.version = version
            header.epoch = epoch
            #expect(try way.open(RecordWay.seal([1, 2, 3], header, cipher)) == nil)
            (header.version, header.epoch) = (0xFEFD, 1)
            #expect(try way.open(RecordWay.seal([1, 2, 3], header, cipher)) == [1, 2, 3])
        }
    }

    /// RFC 5246 §6.2.1.
    @Test(arguments: RecordCipher.allCases) func plaintextsAreNoLongerThanTheyMayBe(cipher: RecordCipher) throws {
        let way = try RecordWay(cipher)
        for (count, number) in [(1 << 14 + 1, 1), (1 << 15, 2), (60_000, 3)] as [(Int, UInt64)] {
            let header = RecordHeader(
                type: .applicationData, sequenceNumber: number, length: count + cipher.expansion)
            let plaintext = [UInt8](repeating: 7, count: count)
            #expect(try way.open(RecordWay.seal(plaintext, header, cipher)) == nil)
            #expect(way.seal(plaintext) == nil)
        }
    }

    /// RFC 6347 §4.1: sequence numbers never begin again.
    @Test(arguments: RecordCipher.allCases) func sequenceNumbersRunOut(cipher: RecordCipher) throws {
        let way = try RecordWay(cipher, lastNumber: RecordHeader.highestSequenceNumber - 2)
        for expected in [254, 255] as [UInt8] {
            let record = try #require(way.seal([expected]))
            #expect(record[5..<11] == [255, 255, 255, 255, 255, expected])
            #expect(way.open(record) == [expected])
        }
        #expect(way.seal([1]) == nil)
        #expect(way.seal([1]) == nil)
    }

    @Test func itSealsNothingBeforeItIsTold() throws {
        guard let keys = RecordKeysTests.keys(.aes128GCM), var layer = RecordLayer(.client, keys) else {
            throw RecordKeysTests.Missing()
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: RecordLayer.longestRecord, alignment: 16)
        defer { buffer.deallocate() }
        #expect([1 as UInt8].withUnsafeBytes { layer.seal(.applicationData, $0, into: buffer) } == nil)
        let isStarted = layer.startSealing(.client, keys, after: OpenSSLWrites())
        #expect(!isStarted)
    }
}

/// A client that seals and a server that opens.
final class RecordWay {
    private var client: RecordLayer
    private var server: RecordLayer
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: RecordLayer.longestRecord, alignment: 16)

    /// - Parameters:
    ///   - lastNumber: the last record that was sealed before.
    ///   - nonce: that record's explicit nonce.
    init(_ cipher: RecordCipher, lastNumber: UInt64 = 6, nonce: UInt64 = 41) throws {
        guard let keys = RecordKeysTests.keys(cipher), let client = RecordLayer(.client, keys),
            let server = RecordLayer(.server, keys)
        else { throw RecordKeysTests.Missing() }
        self.client = client
        self.server = server
        let header = RecordHeader(type: .handshake, sequenceNumber: lastNumber, length: 24)
        var record = [UInt8](repeating: 0, count: RecordHeader.byteCount + header.length)
        record.withUnsafeMutableBytes { bytes in
            header.write(to: bytes)
            bytes.storeBytes(of: nonce.bigEndian, toByteOffset: RecordHeader.byteCount, as: UInt64.self)
        }
        var writes = OpenSSLWrites()
        record.withUnsafeBytes { writes.note($0) }
        guard self.client.startSealing(.client, keys, after: writes) else { throw RecordKeysTests.Missing() }
    }

    deinit { buffer.deallocate() }

    func seal(_ plaintext: [UInt8], _ type: ContentType = .applicationData) -> [UInt8]? {
        plaintext.withUnsafeBytes { client.seal(type, $0, into: buffer).map { Array($0) } }
    }

    func rest() {
        client.restIfIdle()
        server.restIfIdle()
    }

    /// The plaintext of a datagram's first record.
    func open(_ datagram: [UInt8]) -> [UInt8]? {
        datagram.withUnsafeBytes { bytes in
            var records = DTLSRecords(bytes)
            guard let record = records.next() else { return nil }
            return server.open(record, into: buffer).map { Array($0) }
        }
    }

    /// A record with any header, sealed with the client's key.
    static func seal(_ plaintext: [UInt8], _ header: RecordHeader, _ cipher: RecordCipher) throws -> [UInt8] {
        guard let keys = RecordKeysTests.keys(cipher),
            var protection = RecordProtection(sealing: .client, keys, explicitNonce: 1 << 32)
        else { throw RecordKeysTests.Missing() }
        var record = [UInt8](repeating: 0, count: RecordHeader.byteCount + cipher.explicitNonceLength)
        record += plaintext + [UInt8](repeating: 0, count: RecordCipher.tagLength)
        let isSealed = record.withUnsafeMutableBytes { bytes in
            header.write(to: bytes)
            return protection.seal(
                UnsafeMutableRawBufferPointer(rebasing: bytes[RecordHeader.byteCount...]), of: header)
        }
        guard isSealed else { throw RecordKeysTests.Missing() }
        return record
    }
}
