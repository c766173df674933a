import Primitives

/// What became of an interface's packets (§4.6), at the end of a file.
struct InterfaceStatisticsBlock {
    // From §4.6
    private static let startTime: UInt16 = 2
    private static let endTime: UInt16 = 3
    private static let received: UInt16 = 4
    private static let dropped: UInt16 = 5

    let interface: CaptureInterface
    /// Nanoseconds since 1970, both.
    let start: UInt64
    let end: UInt64
    let tally: CaptureTally
    let comment: String

    func append(to bytes: inout [UInt8]) {
        var block = Block(kind: .interfaceStatistics)
        block.body.append(bigEndian: interface.rawValue)
        block.body.append(bigEndian: end)
        var options = BlockOptions()
        options.append(comment: comment)
        options.append(Self.startTime, start)
        options.append(Self.endTime, end)
        options.append(Self.received, tally.seen)
        options.append(Self.dropped, tally.dropped)
        block.body += options.closed
        block.append(to: &bytes)
    }
}
