import Glibc
import STUN

/// The STUN and TURN servers that pages are told of, and what credentials for them are made from.
public struct ICEServers: Sendable {
    private let stun: [String]
    private let turn: [String]
    private let secret: [UInt8]
    private let lifetime: UInt64

    public static let none = ICEServers(stun: [], turn: [], secret: [], lifetime: 0)

    /// - Parameters:
    ///   - stun, turn: URLs (RFC 7064, RFC 7065).
    ///   - secret: shared with the TURN servers.
    ///   - lifetime: of credentials, in seconds.
    public init(stun: [String], turn: [String], secret: [UInt8], lifetime: UInt64) {
        self.stun = stun
        self.turn = turn
        self.secret = secret
        self.lifetime = lifetime
    }

    /// The values of `Link` headers, one for each server (RFC 9725 §4.6).
    ///
    /// - Parameters:
    ///   - user: what the TURN server's log shall call the page.
    ///   - time: in seconds since 1970.
    func links(for user: String, at time: UInt64) -> [String] {
        let plain = stun.map { "<\($0)>; rel=\"ice-server\"" }
        guard let credential = credential(for: user, at: time) else { return plain }
        // Neither URL, username nor Base64 has a quotation mark or a backslash.
        return plain
            + turn.map {
                "<\($0)>; rel=\"ice-server\"; username=\"\(credential.username)\"; "
                    + "credential=\"\(credential.password)\"; credential-type=\"password\""
            }
    }

    /// The servers as JSON, just as RTCPeerConnection takes its `iceServers`.
    func document(for user: String, at time: UInt64) -> [UInt8] {
        var entries: [String] = []
        if !stun.isEmpty { entries.append(#"{"urls":[\#(Self.list(stun))]}"#) }
        if let credential = credential(for: user, at: time) {
            let (name, password) = (credential.username, credential.password)
            entries.append(
                #"{"urls":[\#(Self.list(turn))],"username":\#(StatusDocument.quoted(name)),"#
                    + #""credential":\#(StatusDocument.quoted(password))}"#)
        }
        return Array("[\(entries.joined(separator: ","))]".utf8)
    }

    private static func list(_ urls: [String]) -> String {
        urls.map { StatusDocument.quoted($0) }.joined(separator: ",")
    }

    /// Nil when there is no server that needs one.
    private func credential(for user: String, at time: UInt64) -> RelayCredential? {
        turn.isEmpty ? nil : RelayCredential(secret: secret, expiry: time + lifetime, id: user)
    }

    /// Seconds since 1970, by the clock that the TURN server is expected to have too.
    static let now: @Sendable () -> UInt64 = { UInt64(max(time(nil), 0)) }

    /// A name for a page that has no session yet.
    static func stranger() -> String {
        let digits = String(UInt32.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
