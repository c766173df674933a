/// What a page sends after the offer: candidates as they are found, or new credentials when it restarts ICE
/// (RFC 8840 §9, as RFC 9725 uses it over HTTP).
///
/// Left out: the candidates themselves. An ICE-lite agent learns where the browser is from its checks.
public struct ICEFragment: Equatable, Sendable {
    /// The page's own credentials: those of its offer, or new ones.
    public let credentials: ICECredentials

    /// Reads a fragment from its UTF-8 bytes. The error names the line.
    public init(parsing text: [UInt8]) throws(SDPError) {
        var lines = try SDPLines(text)
        var ufrag: SDPAttribute?
        var password: SDPAttribute?
        while let line = try lines.next() {
            switch line.type {
            case UInt8(ascii: "a"):
                let attribute = try SDPAttribute(line)
                // RFC 8840 §9: at session level, or the same in each section; the first counts.
                if attribute.name == "ice-ufrag" { ufrag = ufrag ?? attribute }
                if attribute.name == "ice-pwd" { password = password ?? attribute }
            case UInt8(ascii: "m"):
                _ = try MediaSection(line)
            default:
                throw .unparsable(line.number, "a fragment has only a= and m= lines; remove it")
            }
        }
        guard let ufrag, let password else {
            throw .unusable(nil, "the fragment has no a=ice-ufrag and a=ice-pwd; copy them from localDescription.sdp")
        }
        credentials = try ICECredentials(ufrag: ufrag, password: password)
    }
}

/// Our answer to a fragment that restarts ICE: our new credentials and our candidates, which have not changed.
public struct ICERestartAnswer: Equatable, Sendable {
    public let credentials: ICECredentials
    public let candidates: [IceCandidate]
    /// The data section's identification in the offer, if it had one.
    public let mid: String?

    public init(credentials: ICECredentials, candidates: [IceCandidate], mid: String?) {
        self.credentials = credentials
        self.candidates = candidates
        self.mid = mid
    }

    /// The fragment as text, lines ended by CR LF.
    public func serialized() -> String {
        var lines = ["a=ice-lite", "a=ice-ufrag:\(credentials.ufrag)", "a=ice-pwd:\(credentials.password)"]
        lines.append("m=application 9 UDP/DTLS/SCTP webrtc-datachannel")
        lines += mid.map { ["a=mid:\($0)"] } ?? []
        lines += candidates.map { "a=\($0)" }
        lines.append("a=end-of-candidates")
        return lines.map { $0 + "\r\n" }.joined()
    }
}
