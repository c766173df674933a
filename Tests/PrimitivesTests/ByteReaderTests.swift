import Primitives
import Testing

@Suite struct ByteReaderTests {
    let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]

    @Test func readsInNetworkOrder() {
        bytes.withUnsafeBytes { raw in
            var reader = ByteReader(raw)
            #expect(reader.readUInt8() == 1)
            #expect(reader.readUInt16() == 0x0203)
            #expect(reader.readUInt32() == 0x0405_0607)
            #expect(reader.readUInt64() == 0x0809_0A0B_0C0D_0E0F)
            #expect(reader.remaining == 0)
        }
    }

    /// A read past the end is nil and moves nothing.
    @Test(arguments: 0...8)
    func ends(left: Int) {
        bytes.withUnsafeBytes { raw in
            var reader = ByteReader(UnsafeRawBufferPointer(rebasing: raw[..<left]))
            if left < 8 { #expect(reader.readUInt64() == nil) }
            if left < 4 { #expect(reader.readUInt32() == nil) }
            if left < 2 { #expect(reader.readUInt16() == nil) }
            if left < 1 { #expect(reader.readUInt8() == nil) }
            #expect(reader.readBytes(left + 1) == nil)
            #expect(reader.readBytes(-1) == nil)
            #expect(reader.readBytes(.max) == nil)
            let skipped = reader.skip(left + 1)
            #expect(!skipped)
            #expect(reader.remaining == left)
            #expect(reader.readBytes(left).map(Array.init) == Array(bytes[..<left]))
            #expect(reader.remaining == 0)
        }
    }

    @Test func writesWhatItReads() {
        var written: [UInt8] = [1]
        written.append(bigEndian: UInt16(0x0203))
        written.append(bigEndian: UInt32(0x0405_0607))
        written.append(bigEndian: UInt64(0x0809_0A0B_0C0D_0E0F))
        #expect(written == bytes)
        written.store(bigEndian: UInt16(0xFFFE), at: 13)
        #expect(written.suffix(3) == [13, 0xFF, 0xFE])
    }
}
