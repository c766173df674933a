import COpenSSL

/// A name and a password for a TURN server that expire by themselves, made from a secret shared with it
/// (draft-uberti-behave-turn-rest-00 §2.2; coturn checks them so with `use-auth-secret`).
///
/// TURN's long-term credentials (RFC 8656 §9.2) are meant for accounts. These need none: the server computes the
/// password as we did.
public struct RelayCredential: Equatable, Sendable {
    /// `EXPIRY:ID`
    public let username: String
    /// The HMAC-SHA1 of the username in Base64 (RFC 4648 §4).
    public let password: String

    /// - Parameters:
    ///   - secret: shared with the TURN server.
    ///   - expiry: in seconds since 1970; from then on the server takes the credential for no new allocation.
    ///   - id: what the server's log shall call the user.
    /// Nil when OpenSSL has no SHA-1 to offer.
    public init?(secret: [UInt8], expiry: UInt64, id: String) {
        username = "\(expiry):\(id)"
        let message = Array(username.utf8)
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        guard
            HMAC(EVP_sha1(), secret, Int32(clamping: secret.count), message, message.count, &digest, &length) != nil
        else { return nil }
        // Four characters for three bytes begun, and the zero that ends a string of C.
        var text = [UInt8](repeating: 0, count: (Int(length) + 2) / 3 * 4 + 1)
        let count = EVP_EncodeBlock(&text, digest, Int32(length))
        password = String(decoding: text.prefix(Int(count)), as: UTF8.self)
    }
}
