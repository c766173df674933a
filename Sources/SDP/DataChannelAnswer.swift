/// Our answer to an offer: the data channels taken, every other media section refused.
///
/// It says nothing it was not told: no attribute of the offer is repeated but its mid, so that none is echoed that we
/// did not understand.
public struct DataChannelAnswer: Equatable, Sendable {
    // Our choice: bytes of the largest message, what Chromium names too.
    public static let defaultMaxMessageSize = 262_144

    /// The offer this answers.
    public let offer: DataChannelDescription
    public let credentials: ICECredentials
    public let fingerprint: DTLSFingerprint
    /// `.active` or `.passive`.
    public let setup: DTLSSetup
    public let sctpPort: UInt16
    /// Bytes of the largest message we take.
    public let maxMessageSize: Int
    /// Our SCTP INIT, if the association is set up by SNAP (draft-hancke-tsvwg-snap); only where the offer has one.
    public let sctpInit: [UInt8]?
    /// All of them: the answer says that no others follow.
    public let candidates: [IceCandidate]

    /// `setup` must be one that the offer leaves open; see `DTLSSetup.answer(preferring:)`.
    public init(
        to offer: DataChannelDescription, credentials: ICECredentials, fingerprint: DTLSFingerprint,
        setup: DTLSSetup, candidates: [IceCandidate],
        sctpPort: UInt16 = DataChannelDescription.defaultSCTPPort,
        maxMessageSize: Int = DataChannelAnswer.defaultMaxMessageSize, sctpInit: [UInt8]? = nil
    ) {
        precondition(setup == offer.setup.answer(preferring: setup), "an answer's setup must complement the offer's")
        precondition(maxMessageSize > 0, "the largest message must be named in bytes")
        precondition(sctpInit == nil || offer.sctpInit != nil, "an answer has a=sctp-init only where the offer has it")
        self.offer = offer
        self.credentials = credentials
        self.fingerprint = fingerprint
        self.setup = setup
        self.candidates = candidates
        self.sctpInit = sctpInit
        self.sctpPort = sctpPort
        self.maxMessageSize = maxMessageSize
    }

    /// The answer as text, lines ended by CR LF. `sessionID` should be random; its highest bit is left out
    /// (RFC 8829 §5.2.1).
    public func serialized(sessionID: UInt64) -> String {
        var lines = sessionLines(sessionID & UInt64(Int64.max))
        for index in offer.media.indices {
            lines += index == offer.dataIndex ? dataLines() : refusalLines(of: offer.media[index])
        }
        return lines.map { $0 + "\r\n" }.joined()
    }

    private func sessionLines(_ sessionID: UInt64) -> [String] {
        var lines = ["v=0", "o=- \(sessionID) 2 IN IP4 127.0.0.1", "s=-", "t=0 0"]
        // RFC 8843 §7.3: refused sections leave the group, and there is no group where the offer has none.
        if offer.isBundled, let mid = offer.mid {
            lines.append("a=group:BUNDLE \(mid)")
        }
        lines.append("a=ice-lite")
        return lines
    }

    private func dataLines() -> [String] {
        let media = offer.media[offer.dataIndex]
        // RFC 8839 §4.2.1: the m= and c= lines hold the default candidate. Without any, the discard port stands in.
        let address = candidates.first { $0.transport == .udp }?.address
        let family = address?.family == .ipv6 ? "IP6" : "IP4"
        var lines = [
            "m=application \(address?.port ?? 9) \(media.transport) webrtc-datachannel",
            "c=IN \(family) \(address?.host ?? "0.0.0.0")",
        ]
        lines += midLines(of: media)
        lines += ["a=ice-ufrag:\(credentials.ufrag)", "a=ice-pwd:\(credentials.password)"]
        lines += ["a=fingerprint:\(fingerprint)", "a=setup:\(setup.rawValue)"]
        lines += ["a=sctp-port:\(sctpPort)", "a=max-message-size:\(maxMessageSize)"]
        lines += sctpInit.map { ["a=sctp-init:\(Base64.encode($0))"] } ?? []
        lines += candidates.map { "a=\($0)" }
        lines.append("a=end-of-candidates")
        return lines
    }

    /// RFC 3264 §6: port 0 refuses a section; kind, protocol and formats stay as offered.
    private func refusalLines(of media: MediaSection) -> [String] {
        let formats = media.formats.joined(separator: " ")
        return ["m=\(media.kind) 0 \(media.transport) \(formats)", "c=IN IP4 0.0.0.0"] + midLines(of: media)
    }

    private func midLines(of media: MediaSection) -> [String] {
        media.mid.map { ["a=mid:\($0)"] } ?? []
    }
}
