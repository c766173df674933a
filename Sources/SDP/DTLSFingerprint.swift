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
        let pairs = fields[1].utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        let bytes = pairs.map(Self.byte)
        guard bytes.allSatisfy({ $0 != nil }) else { throw Self.malformed(attribute) }
        guard bytes.count == algorithm.length else {
            throw .unparsable(
                attribute.line, "a=fingerprint of \(algorithm.rawValue) needs \(algorithm.length) bytes as its value")
        }
        self.algorithm = algorithm
        self.bytes = bytes.compactMap(\.self)
    }

    /// `sha-256 AB:CD:…`, as a=fingerprint has it.
    public var description: String {
        let pairs = bytes.map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
        return "\(algorithm.rawValue) \(pairs.joined(separator: ":"))"
    }

    private static func byte(_ pair: Substring.UTF8View) -> UInt8? {
        guard pair.count == 2, let high = pair.first.flatMap(digit), let low = pair.last.flatMap(digit) else {
            return nil
        }
        return high << 4 | low
    }

    private static func digit(_ letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): letter - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): letter - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): letter - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    private static func malformed(_ attribute: SDPAttribute) -> SDPError {
        .unparsable(attribute.line, #"a=fingerprint needs a hash name and a value, like "sha-256 AB:CD:…""#)
    }
}
