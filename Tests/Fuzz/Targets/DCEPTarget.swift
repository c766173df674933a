import DataChannels
import Primitives

/// The first byte chooses between one DATA_CHANNEL_OPEN and a script of messages and resets.
func fuzzDCEP(_ bytes: UnsafeRawBufferPointer) throws(Breach) {
    var script = ScriptReader(bytes)
    if script.byte() & 1 == 0 {
        try readOpen(script.remainder())
    } else {
        try playTable(&script)
    }
}

private func readOpen(_ bytes: [UInt8]) throws(Breach) {
    guard let message = parse(bytes) else { return }
    for count in stride(from: 0, to: bytes.count, by: 5) {
        try demand(parse(Array(bytes.prefix(count))) == nil, "the first \(count) bytes of a message are one")
    }
    // Text that is not UTF-8 grows when it is mended, beyond what fits when there is much of it.
    guard message.label.utf8.count <= 65_535, message.subprotocol.utf8.count <= 65_535 else { return }
    try demand(parse(message.serialized()) == message, "a DATA_CHANNEL_OPEN that was written reads differently")
}

private func parse(_ bytes: [UInt8]) -> OpenMessage? {
    bytes.withUnsafeBytes { try? OpenMessage(parsing: $0) }
}

/// Messages on streams of a small table, beside what a simple model expects of it.
private func playTable(_ script: inout ScriptReader) throws(Breach) {
    let limit = Int(script.byte() % 8)
    var table = DataChannelTable(limit: limit, peersParity: limit & 1 == 0 ? .even : .odd)
    var open: Set<UInt16> = []
    for _ in 0..<200 where !script.isAtEnd {
        let stream = UInt16(script.byte() & 15)
        switch script.byte() % 4 {
        case 0:
            let channel = table.openNegotiated(
                stream: stream, label: "negotiated", reliability: ChannelReliability(isOrdered: true, limit: .none))
            if channel != nil { open.insert(stream) }
        case 1:
            let wasOpen = open.remove(stream) != nil
            let isClosed: Bool
            if case .byPeer(.some) = table.receiveReset(of: stream) { isClosed = true } else { isClosed = false }
            try demand(isClosed == wasOpen, "a closed channel was not open, or an open one not closed")
        case 2:
            let identifier = script.choice([50, 51, 53, 56, 57, 52, 54, 0, script.uint32()])
            try receive(script.string(), stream, identifier, &table, &open)
        default:
            let message = OpenMessage(
                reliability: ChannelReliability(isOrdered: script.byte() & 1 == 0, limit: .retransmissions(7)),
                label: String(decoding: script.string(), as: UTF8.self))
            try receive(message.serialized(), stream, 50, &table, &open)
        }
        try demand(table.count <= limit, "more channels than the limit")
        try demand(table.streams == open.sorted(), "the table's streams are not those that were opened")
    }
}

private func receive(
    _ payload: [UInt8], _ stream: UInt16, _ identifier: UInt32, _ table: inout DataChannelTable,
    _ open: inout Set<UInt16>
) throws(Breach) {
    var isSound = true
    var closed: UInt16?
    let opened = payload.withUnsafeBytes { bytes -> DataChannelTable.Channel? in
        switch try? table.receive(bytes, stream: stream, protocolIdentifier: identifier) {
        case .opened(let channel): return channel
        case .refused(_, let channel):
            closed = channel?.stream
            return nil
        case .message(let named, let isString, let user):
            let expected = identifier == 56 || identifier == 57 ? 0 : bytes.count
            isSound = named == stream && user.count == expected && isString == (identifier == 51 || identifier == 56)
            return nil
        case nil: return nil
        }
    }
    try demand(isSound, "a message changed")
    if let closed {
        try demand(closed == stream && open.remove(stream) != nil, "a channel was closed that was not open")
    }
    guard let opened else { return }
    try demand(opened.stream == stream && !opened.isNegotiated, "a channel was opened on another stream")
    // A cut in the middle of a character becomes the mark of three bytes for what is no UTF-8.
    try demand(opened.label.utf8.count <= DataChannelTable.labelLimit + 2, "a long label is kept")
    try demand(open.insert(stream).inserted, "a channel was opened twice")
}
