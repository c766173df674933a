import COpenSSL

/// Whether what somebody sent is a secret.
public enum SecretComparison {
    /// Takes as long wherever the two differ, so that nobody can find a secret byte by byte; a length is none.
    public static func areSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0
    }
}
