import Testing

@testable import Capture

/// Byte for byte as draft-ietf-opsawg-pcapng draws the blocks.
@Suite struct BlockTests {
    @Test func aFileBeginsWithItsSection() {
        var bytes: [UInt8] = []
        SectionHeaderBlock(application: "torii", comment: "word").append(to: &bytes)
        let expected: [UInt8] =
            [0x0A, 0x0D, 0x0D, 0x0A, 0, 0, 0, 52]
            + [0x1A, 0x2B, 0x3C, 0x4D, 0, 1, 0, 0]
            + [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
            + [0, 1, 0, 4] + Array("word".utf8)
            + [0, 4, 0, 5] + Array("torii".utf8) + [0, 0, 0]
            + [0, 0, 0, 0, 0, 0, 0, 52]
        #expect(bytes == expected)
    }

    @Test func anInterfaceCarriesIPPacketsAndCountsNanoseconds() {
        var bytes: [UInt8] = []
        InterfaceDescriptionBlock(name: "server", description: "leg").append(to: &bytes)
        let expected: [UInt8] =
            [0, 0, 0, 1, 0, 0, 0, 52]
            + [0, 101, 0, 0, 0, 0, 0, 0]
            + [0, 2, 0, 6] + Array("server".utf8) + [0, 0]
            + [0, 3, 0, 3] + Array("leg".utf8) + [0]
            + [0, 9, 0, 1, 9, 0, 0, 0]
            + [0, 0, 0, 0, 0, 0, 0, 52]
        #expect(bytes == expected)
    }

    @Test func aPacketHasItsTimeAndItsWay() {
        var bytes: [UInt8] = []
        EnhancedPacketBlock(
            interface: .server, time: 0x0102_0304_0506_0708, direction: .sent, dropped: 3, comment: "odd",
            packet: [1, 2, 3, 4, 5]
        ).append(to: &bytes)
        let expected: [UInt8] =
            [0, 0, 0, 6, 0, 0, 0, 72]
            + [0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 5, 0, 0, 0, 5]
            + [1, 2, 3, 4, 5, 0, 0, 0]
            + [0, 1, 0, 3] + Array("odd".utf8) + [0]
            + [0, 2, 0, 4, 0, 0, 0, 2]
            + [0, 4, 0, 8, 0, 0, 0, 0, 0, 0, 0, 3]
            + [0, 0, 0, 0, 0, 0, 0, 72]
        #expect(bytes == expected)
    }

    @Test func whatIsNotThereIsNotSaid() {
        var bytes: [UInt8] = []
        EnhancedPacketBlock(interface: .browser, time: 0, direction: .received, dropped: 0, comment: nil, packet: [])
            .append(to: &bytes)
        #expect(bytes.count == 12 + 20 + 8 + 4)
    }

    @Test func statisticsCountWhatIsMissing() {
        var tally = CaptureTally()
        tally.seen = 9
        tally.dropped = 2
        var bytes: [UInt8] = []
        InterfaceStatisticsBlock(interface: .server, start: 5, end: 6, tally: tally, comment: "over").append(to: &bytes)
        let expected: [UInt8] =
            [0, 0, 0, 5, 0, 0, 0, 84]
            + [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 6]
            + [0, 1, 0, 4] + Array("over".utf8)
            + [0, 2, 0, 8, 0, 0, 0, 0, 0, 0, 0, 5]
            + [0, 3, 0, 8, 0, 0, 0, 0, 0, 0, 0, 6]
            + [0, 4, 0, 8, 0, 0, 0, 0, 0, 0, 0, 9]
            + [0, 5, 0, 8, 0, 0, 0, 0, 0, 0, 0, 2]
            + [0, 0, 0, 0, 0, 0, 0, 84]
        #expect(bytes == expected)
    }
}
