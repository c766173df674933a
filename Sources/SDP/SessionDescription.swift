// SDP (RFC 8866) as a WebRTC data channel needs it: offer and answer of RFC 8829, ICE of RFC 8839, DTLS of RFC 8842,
// data channels of RFC 8841, BUNDLE of RFC 8843.
//
// Left out: what lines other than m= and a= mean (they are read and kept as text), the order of lines within a
// section, and every attribute that does not concern a data channel.

/// A session description taken apart into lines and media sections, with nothing yet made of their meaning.
public struct SessionDescription: Equatable, Sendable {
    // Our choice: an offer of a browser with twenty media sections keeps well within each of these.
    /// Bytes of text.
    public static let maximumLength = 64 * 1024
    /// Bytes of one line without its line ending.
    public static let maximumLineLength = 4096
    public static let maximumLines = 1024
    public static let maximumMediaSections = 32

    /// What stands before the first m= line.
    public internal(set) var session = SDPSection()
    public internal(set) var media: [MediaSection] = []
}

/// One line: a letter, `=`, and a value.
public struct SDPLine: Equatable, Sendable {
    /// The letter, as ASCII.
    public let type: UInt8
    public let value: String
    /// Where it stands, counted from 1.
    public let number: Int
}

/// One a= line: `name:value`, or the name alone with an empty value.
public struct SDPAttribute: Equatable, Sendable {
    public let name: String
    public let value: String
    /// Where it stands, counted from 1.
    public let line: Int
}

/// The lines of the session part or of one media section.
public struct SDPSection: Equatable, Sendable {
    public internal(set) var attributes: [SDPAttribute] = []
    /// The lines other than a= and m=, in order.
    public internal(set) var lines: [SDPLine] = []

    /// The first attribute of that name.
    public func attribute(_ name: String) -> SDPAttribute? {
        attributes.first { $0.name == name }
    }

    /// Every attribute of that name, in order.
    public func attributes(_ name: String) -> [SDPAttribute] {
        attributes.filter { $0.name == name }
    }
}

/// An m= line and what follows it (RFC 8866 §5.14).
public struct MediaSection: Equatable, Sendable {
    /// `audio`, `video`, `application`, …
    public let kind: String
    /// 0 refuses the section, or leaves its transport to the section it is bundled with.
    public let port: UInt16
    /// The transport protocol, such as `UDP/DTLS/SCTP`.
    public let transport: String
    /// One at least.
    public let formats: [String]
    /// Where the m= line stands, counted from 1.
    public let line: Int
    public internal(set) var section = SDPSection()

    /// Reads the value of an m= line: `<kind> <port>[/<count>] <protocol> <format> …`.
    init(_ line: SDPLine) throws(SDPError) {
        let fields = line.value.spaceSeparated
        guard fields.count >= 4, fields[0].isToken,
            let port = fields[1].utf8.split(separator: UInt8(ascii: "/")).first.flatMap({
                UInt16(decimal: Substring($0))
            }),
            fields[2].split(separator: "/", omittingEmptySubsequences: false).allSatisfy(\.isToken),
            fields[3...].allSatisfy(\.isToken)
        else {
            throw .unparsable(
                line.number,
                #"m= needs a kind, a port, a protocol and a format, like "application 9 UDP/DTLS/SCTP webrtc-datachannel""#
            )
        }
        kind = String(fields[0])
        self.port = port
        transport = String(fields[2])
        formats = fields[3...].map(String.init)
        self.line = line.number
    }

    /// The section's identification, a=mid (RFC 5888 §4).
    public var mid: String? { section.attribute("mid")?.value }
}
