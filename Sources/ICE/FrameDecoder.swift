// Datagrams on a TCP connection (RFC 6544 §3): each behind its length in 16 bits (RFC 4571 §2).
//
// Left out: the a=connection and a=setup negotiation of RFC 4571 §3, which RFC 6544 replaces by candidates.

import Primitives

/// Cuts the bytes of one connection into the frames they carry, however the network has cut them.
public struct FrameDecoder: Sendable {
    // From the specification.
    /// Bytes of the length before each frame.
    public static let headerSize = 2

    // Our choice.
    /// Bytes of the longest frame taken: browsers keep below 1500.
    public static let frameLimit = 2_048
    /// Frames without any byte that are passed over in a row.
    public static let emptyFrameLimit = 16

    /// A frame that has come in part, its length included.
    private var partial: [UInt8] = []
    private var emptyFrames = 0

    public init() {}

    /// Bytes kept until the rest of their frame comes; never more than a frame and its length.
    public var bufferedCount: Int { partial.count }

    /// Takes what came next, and calls `body` with each frame that is whole now, until it returns false. A frame is
    /// borrowed for that call.
    ///
    /// Returns why the connection is to be closed, if it is; nothing after that can be made sense of.
    public mutating func receive(
        _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Bool
    ) -> DropReason? {
        var rest = bytes[...]
        while !rest.isEmpty {
            if partial.isEmpty, let length = Self.length(rest), rest.count >= Self.headerSize + length {
                if let reason = refuse(length) { return reason }
                let frame = rest.dropFirst(Self.headerSize).prefix(length)
                rest = rest.dropFirst(Self.headerSize + length)
                guard length == 0 || body(UnsafeRawBufferPointer(rebasing: frame)) else { return nil }
            } else {
                guard move(Self.headerSize, from: &rest) else { return nil }
                let length = Int(partial[0]) << 8 | Int(partial[1])
                if let reason = refuse(length) { return reason }
                guard move(Self.headerSize + length, from: &rest) else { return nil }
                let isWanted = length == 0 || partial.withUnsafeBytes { body(.init(rebasing: $0[Self.headerSize...])) }
                partial.removeAll(keepingCapacity: true)
                guard isWanted else { return nil }
            }
        }
        return nil
    }

    private static func length(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
        guard bytes.count >= headerSize else { return nil }
        return Int(bytes[bytes.startIndex]) << 8 | Int(bytes[bytes.startIndex + 1])
    }

    private mutating func refuse(_ length: Int) -> DropReason? {
        guard length <= Self.frameLimit else { return .tcpFrameTooLong }
        emptyFrames = length == 0 ? emptyFrames + 1 : 0
        return emptyFrames > Self.emptyFrameLimit ? .tcpFramesEmpty : nil
    }

    /// Moves bytes over until there are `count` of a partial frame; false when they have not come yet.
    private mutating func move(_ count: Int, from rest: inout Slice<UnsafeRawBufferPointer>) -> Bool {
        let taken = rest.prefix(max(count - partial.count, 0))
        partial.append(contentsOf: taken)
        rest = rest.dropFirst(taken.count)
        return partial.count >= count
    }
}
