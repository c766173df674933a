/// The user name fragment and password of one ICE agent (RFC 8839 §5.4).
public struct ICECredentials: Hashable, Sendable {
    // From RFC 8839 §5.4
    static let ufragLengths = 4...256
    static let passwordLengths = 22...256

    public let ufrag: String
    public let password: String

    /// Both must consist of letters, digits, `+` and `/`; the ufrag of 4 to 256 of them, the password of 22 to 256.
    public init(ufrag: String, password: String) {
        precondition(
            Self.ufragLengths.contains(ufrag.utf8.count) && ufrag.isICECharacters,
            "an ICE ufrag is 4 to 256 letters, digits, + and /")
        precondition(
            Self.passwordLengths.contains(password.utf8.count) && password.isICECharacters,
            "an ICE password is 22 to 256 letters, digits, + and /")
        self.ufrag = ufrag
        self.password = password
    }

    init(ufrag: SDPAttribute, password: SDPAttribute) throws(SDPError) {
        guard Self.ufragLengths.contains(ufrag.value.utf8.count), ufrag.value.isICECharacters else {
            throw .unparsable(ufrag.line, "a=ice-ufrag needs 4 to 256 letters, digits, + and /")
        }
        guard Self.passwordLengths.contains(password.value.utf8.count), password.value.isICECharacters else {
            throw .unparsable(password.line, "a=ice-pwd needs 22 to 256 letters, digits, + and /")
        }
        self.ufrag = ufrag.value
        self.password = password.value
    }
}
