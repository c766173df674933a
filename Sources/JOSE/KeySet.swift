/// A JWK set (RFC 7517 §5), or one JWK alone.
public enum KeySet {
    // Our choice: sets of large issuers have a tenth of it.
    /// Bytes of a set.
    public static let longest = 256 * 1024

    /// The public keys in it for signatures that are taken here; others are passed over, as RFC 7517 §5 wants it.
    public static func keys(in contents: [UInt8]) throws(KeyFault) -> [VerificationKey] {
        guard contents.count <= longest, let json = JSON(parsing: contents), json.members != nil else {
            throw .unreadable
        }
        guard let members = json["kty"] == nil ? json["keys"]?.elements : [json] else { throw .unreadable }
        // A gateway needs no private key, and whoever could read this file could make tokens.
        guard !members.contains(where: { $0["d"] != nil }) else { throw .isPrivate }
        let keys = members.lazy.compactMap(key).prefix(KeyFile.keyLimit + 1)
        let found = Array(keys)
        guard found.count <= KeyFile.keyLimit else { throw .tooMany }
        guard !found.isEmpty else { throw .missing }
        return found
    }

    private static func key(_ jwk: JSON) -> VerificationKey? {
        guard jwk["use"].map({ $0.string == "sig" }) ?? true,
            jwk["key_ops"].map({ $0.strings?.contains("verify") == true }) ?? true,
            let der = encoding(of: jwk), let key = try? VerificationKey(der: der, keyID: keyID(of: jwk))
        else { return nil }
        // RFC 7517 §4.4: a key that names an algorithm is for no other.
        guard let name = jwk["alg"] else { return key }
        return name.string.flatMap(SigningAlgorithm.init(name:)) == key.algorithm ? key : nil
    }

    private static func keyID(of jwk: JSON) -> String? { jwk["kid"]?.string }

    /// RFC 7518 §6.2.1 and §6.3.1, RFC 8037 §2. Secrets (`oct`) are left out: a set is public.
    private static func encoding(of jwk: JSON) -> [UInt8]? {
        switch (jwk["kty"]?.string, jwk["crv"]?.string) {
        case ("RSA", nil):
            guard let modulus = bytes(jwk["n"]), let exponent = bytes(jwk["e"]) else { return nil }
            return PublicKeyEncoding.rsa(modulus: modulus, exponent: exponent)
        case ("EC", "P-256"):
            guard let x = bytes(jwk["x"]), let y = bytes(jwk["y"]), x.count == 32, y.count == 32 else { return nil }
            return PublicKeyEncoding.p256(x: x, y: y)
        case ("OKP", "Ed25519"):
            guard let x = bytes(jwk["x"]), x.count == 32 else { return nil }
            return PublicKeyEncoding.ed25519(x)
        default: return nil
        }
    }

    private static func bytes(_ member: JSON?) -> [UInt8]? { (member?.string).flatMap { Base64URL.decode($0.utf8) } }
}
