import Primitives

/// The parameters at the end of an INIT or INIT ACK, front to back (RFC 9260 §3.2.1).
struct ChunkParameters {
    struct Parameter {
        let type: ParameterType
        let value: UnsafeRawBufferPointer
    }

    struct ParameterType: Equatable {
        let rawValue: UInt16

        // From RFC 9260 §3.3.2, §3.3.3; RFC 5061 §4.2.7; RFC 3758 §3.1
        static let stateCookie = ParameterType(rawValue: 7)
        static let hostName = ParameterType(rawValue: 11)
        static let supportedExtensions = ParameterType(rawValue: 0x8008)
        static let forwardTSNSupported = ParameterType(rawValue: 0xC000)

        /// RFC 9260 §3.3.2.1: IPv4, IPv6, cookie preservative and supported address types, which we know and pass over.
        private static let known: [UInt16] = [5, 6, 9, 12]

        /// Whether one we do not know ends the reading of parameters (RFC 9260 §3.2.1: the highest bit).
        var stopsReading: Bool { rawValue < 0x8000 && !Self.known.contains(rawValue) }
    }

    // From RFC 9260 §3.2.1
    private static let headerLength = 4

    private var reader: ByteReader

    /// `reader` stands at the first parameter, and ends with the last.
    init(_ reader: ByteReader) {
        self.reader = reader
    }

    var isAtEnd: Bool { reader.remaining == 0 }

    /// The next parameter; nil when what is left is none, so that nothing after it can be found either.
    mutating func next() -> Parameter? {
        guard let type = reader.readUInt16(), let length = reader.readUInt16(),
            let value = reader.readBytes(Int(length) - Self.headerLength)
        else { return nil }
        // RFC 9260 §3.2: the last parameter's padding may be missing.
        _ = reader.skip(min(-Int(length) & 3, reader.remaining))
        return Parameter(type: ParameterType(rawValue: type), value: value)
    }

    /// One parameter as it goes into a chunk that others follow: padded.
    static func parameter(_ type: ParameterType, _ value: [UInt8]) -> [UInt8] {
        let bytes = last(type, value)
        return bytes + [UInt8](repeating: 0, count: -bytes.count & 3)
    }

    /// One parameter as it goes to the end of a chunk, whose length does not count its padding.
    static func last(_ type: ParameterType, _ value: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: type.rawValue)
        bytes.append(bigEndian: UInt16(headerLength + value.count))
        return bytes + value
    }
}
