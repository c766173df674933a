import SDP

/// Makes the ICE credentials of a session.
enum LocalCredentials {
    // RFC 8839 §5.4 asks for 24 and 128 random bits; each character holds six.
    static let ufragLength = 8
    static let passwordLength = 24

    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func make(using random: inout some RandomNumberGenerator) -> ICECredentials {
        ICECredentials(
            ufrag: text(length: ufragLength, using: &random), password: text(length: passwordLength, using: &random))
    }

    private static func text(length: Int, using random: inout some RandomNumberGenerator) -> String {
        let characters = (0..<length).map { _ in alphabet[Int(random.next() & 63 as UInt64)] }
        return String(decoding: characters, as: UTF8.self)
    }
}
