import Primitives

/// INIT, the first chunk of an association (RFC 9260 §3.3.2), and INIT ACK, which is the same with a cookie (§3.3.3).
///
/// Only SNAP (draft-hancke-tsvwg-snap) reads and writes these here: on the wire they are usrsctp's own affair.
///
/// Left out: addresses, because an association over DTLS has none of its own (RFC 8261 §6.1); ECN, ASCONF and AUTH
/// (see SCTPStack); interleaving, which usrsctp is not asked for.
public struct InitChunk: Equatable, Sendable {
    // From RFC 9260 §3.2, §3.3.2, §3.3.3
    static let initType: UInt8 = 1
    static let initAckType: UInt8 = 2
    static let headerLength = 4
    static let fixedLength = 20
    /// The smallest window with which an association may begin, in bytes.
    static let minimumWindow: UInt32 = 1500

    // Our choice: Chromium's has 30 bytes, Firefox's 36.
    /// Bytes of the longest that is read.
    public static let maximumLength = 512

    /// What the sender wants to see in the header of every packet for it; never 0.
    public let initiateTag: UInt32
    /// Bytes the sender has room for.
    public let window: UInt32
    /// Streams the sender wants to send on, one at least.
    public let outboundStreams: UInt16
    /// Streams the sender takes, one at least.
    public let inboundStreams: UInt16
    public let initialTSN: UInt32
    public let extensions: SupportedExtensions

    /// Reads the chunk that fills `bytes`, its padding included or not; nil when RFC 9260 would have the association
    /// refused, or when it breaks its own form.
    public init?(parsing bytes: [UInt8]) {
        guard bytes.count <= Self.maximumLength,
            let chunk = bytes.withUnsafeBytes({ Self.read(ByteReader($0)) })
        else { return nil }
        self = chunk
    }

    init(
        initiateTag: UInt32, window: UInt32, outboundStreams: UInt16, inboundStreams: UInt16, initialTSN: UInt32,
        extensions: SupportedExtensions
    ) {
        self.initiateTag = initiateTag
        self.window = window
        self.outboundStreams = outboundStreams
        self.inboundStreams = inboundStreams
        self.initialTSN = initialTSN
        self.extensions = extensions
    }

    private static func read(_ reader: ByteReader) -> InitChunk? {
        var reader = reader
        // RFC 9260 §3.3.2: the flags mean nothing.
        guard reader.readUInt8() == initType, reader.skip(1), let length = reader.readUInt16(),
            // RFC 9260 §3.2: the length does not count the padding.
            let value = reader.readBytes(Int(length) - headerLength), reader.remaining <= -Int(length) & 3
        else { return nil }
        var fields = ByteReader(value)
        guard let tag = fields.readUInt32(), let window = fields.readUInt32(), let outbound = fields.readUInt16(),
            let inbound = fields.readUInt16(), let initialTSN = fields.readUInt32(),
            let extensions = SupportedExtensions(ChunkParameters(fields)),
            // RFC 9260 §3.3.2: none of these may be 0, and no window smaller than this one.
            tag != 0, outbound != 0, inbound != 0, window >= minimumWindow
        else { return nil }
        return InitChunk(
            initiateTag: tag, window: window, outboundStreams: outbound, inboundStreams: inbound,
            initialTSN: initialTSN, extensions: extensions)
    }

    /// The chunk as an INIT, without padding: its last parameter ends it.
    public func serialized() -> [UInt8] {
        serialized(type: Self.initType, parameters: extensions.serialized())
    }

    /// The chunk as the INIT ACK that its sender would have answered an INIT with, padded.
    func acknowledgement(cookie: [UInt8]) -> [UInt8] {
        let parameters = ChunkParameters.parameter(.stateCookie, cookie) + extensions.serialized()
        let chunk = serialized(type: Self.initAckType, parameters: parameters)
        return chunk + [UInt8](repeating: 0, count: -chunk.count & 3)
    }

    private func serialized(type: UInt8, parameters: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [type, 0]
        bytes.append(bigEndian: UInt16(Self.fixedLength + parameters.count))
        bytes.append(bigEndian: initiateTag)
        bytes.append(bigEndian: window)
        bytes.append(bigEndian: outboundStreams)
        bytes.append(bigEndian: inboundStreams)
        bytes.append(bigEndian: initialTSN)
        return bytes + parameters
    }
}
