/// How the contents of ENet datagrams are compressed. A host has one way or none, and tells nobody which.
///
/// The four are those a Godot server can be told (`ENetConnection.compress`). The raw value is the name in a route.
public enum Compression: String, CaseIterable, Sendable {
    case none
    /// libenet's own.
    case rangeCoder = "range-coder"
    case zlib
    case zstd
    case fastlz

    /// Compresses `source` into `room`.
    ///
    /// - Returns: The bytes used; nil when `room` is too small, or there is no memory to work in.
    func compress(_ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Int? {
        switch self {
        case .none: nil
        case .rangeCoder: ThreadCodecs.current.rangeCoder?.compress(source, into: room)
        case .zlib: ThreadCodecs.current.zlib?.compress(source, into: room)
        case .zstd: ThreadCodecs.current.zstd?.compress(source, into: room)
        case .fastlz: FastLZ.compressPadded(source, into: room)
        }
    }

    /// The reverse. `source` may be anything, and nothing is ever written beyond `room`.
    ///
    /// - Returns: The bytes used, at least one; nil when `source` was not compressed this way, or `room` is too small.
    ///   The range coder and FastLZ have no check of their own: they may make bytes of what was compressed otherwise.
    func decompress(_ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Int? {
        let count: Int? =
            switch self {
            case .none: nil
            case .rangeCoder: ThreadCodecs.current.rangeCoder?.decompress(source, into: room)
            case .zlib: ThreadCodecs.current.zlib?.decompress(source, into: room)
            case .zstd: ThreadCodecs.current.zstd?.decompress(source, into: room)
            case .fastlz: FastLZ.decompress(source, into: room)
            }
        return count.flatMap { $0 > 0 ? $0 : nil }
    }
}
