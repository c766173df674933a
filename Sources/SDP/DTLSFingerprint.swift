/// The hash of a DTLS certificate, by which each side knows the other's (RFC 8122 §5).
public struct DTLSFingerprint: Hashable, Sendable, CustomStringConvertible {
    /// The hashes we accept: those of RFC 8122 §5 that are still sound, and for certificates in use.
    public enum Algorithm: String, CaseIterable, Sendable {
        case sha256 = "sha-256"
        case sha384 = "sha-384"
        case sha512 = "sha-512"

        /// The hash's length in bytes.
        public var length: Int {
            switch self {
            case .sha256: 32
            case .sha384: 48
            case .sha512: 64
            }
        }
    }

    public let algorithm: Algorithm
    public let bytes: [UInt8]

    /// `bytes` must be as many as the algorithm gives.
    public init(_ algorithm: Algorithm, _ bytes: [UInt8]) {
        precondition(bytes.count == algorithm.length, "a fingerprint is as long as its hash")
        self.algorithm = algorithm
        self.bytes = bytes
    }

    /// Reads an a=fingerprint line; nil when its hash is none we accept.
    init?(_ attribute: SDPAttribute) throws(SDPError) {
        let fields = attribute.value.spaceSeparated
        guard fields.count == 2 else { throw Self.malformed(attribute) }
        // RFC 8122 §5: the hash's name is compared without regard to case.
        guard let algorithm = Algorithm(rawValue: fields[0].lowercased()) else { return nil }
        guard let bytes = Self.bytes(fields[1].utf8) else { throw Self.malformed(attribute) }
        guard bytes.count == algorithm.length else {
            throw .unparsable(
                attribute.line, "a=fingerprint of \(algorithm.rawValue) needs \(algorithm.length) bytes as its value")
        }
        self.algorithm = algorithm
        self.bytes = bytes
    }

    /// `sha-256 AB:CD:…`, as a=fingerprint has it.
    public var description: String {
        var text = Array("\(algorithm.rawValue) ".utf8)
        for (index, byte) in bytes.enumerated() {
            if index > 0 { text.append(Self.colon) }
            text += [Self.digits[Int(byte >> 4)], Self.digits[Int(byte & 15)]]
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let colon = UInt8(ascii: ":")
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Pairs of hexadecimal digits with colons between them; nil for anything else.
    private static func bytes(_ text: Substring.UTF8View) -> [UInt8]? {
        var bytes: [UInt8] = []
        var digits = 0
        var value: UInt8 = 0
        for character in text {
            if digits == 2 {
                guard character == colon else { return nil }
                (digits, value) = (0, 0)
                continue
            }
            guard let digit = digit(character) else { return nil }
            digits += 1
            value = value << 4 | digit
            if digits == 2 { bytes.append(value) }
        }
        return digits == 2 ? bytes : nil
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    private static func malformed(_ attribute: SDPAttribute) -> SDPError {
        .unparsable(attribute.line, #"a=fingerprint needs a hash name and a value, like "sha-256 AB:CD:…""#)
    }
}
