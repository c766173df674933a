import JOSE

/// Whose tokens players need.
public struct TokenSettings: Equatable, Sendable {
    public var keys: [VerificationKey] = []
    public var rules = TokenRules()
    /// Where more keys are published.
    public var published: PublishedKeys?
    /// In seconds; `rules` has it too, once everything is read.
    var leeway = 0
    /// In seconds; `published` has it too.
    var keysInterval = 0

    /// Whether players need one.
    public var areNeeded: Bool { !keys.isEmpty || published != nil }
}

/// A service that has keys of tokens.
public struct PublishedKeys: Equatable, Sendable {
    public let url: ServiceURL
    /// In PEM form; nil for those the system trusts.
    public let authorities: [UInt8]?
    /// In seconds.
    public let interval: Int
}

// The keys of tokens, and what is asked of them.
extension Settings {
    mutating func readTokens(_ faults: inout FaultCollector) {
        for written in written.texts(of: .tokenKey) {
            let keys = faults.collect(written.origin) { () throws(ConfigurationError) in
                try Self.keys(written.text, place: "\(written.origin.place(of: .tokenKey)) \(AsWritten(written.text))")
            }
            tokens.keys += keys ?? []
        }
        if let written = one(.tokenSecretFile) {
            let key = faults.collect(written.origin) { () throws(ConfigurationError) in
                let place = "\(written.origin.place(of: .tokenSecretFile)) \(AsWritten(written.text))"
                return try Self.secretKey(written.text, place: place)
            }
            tokens.keys += key.map { [$0] } ?? []
        }
        tokens.published = publishedKeys(&faults)
        tokens.rules = TokenRules(
            issuer: one(.tokenIssuer)?.text, audiences: written.texts(of: .tokenAudience).map(\.text),
            leeway: Double(tokens.leeway))
        requireKeys(&faults)
    }

    private func publishedKeys(_ faults: inout FaultCollector) -> PublishedKeys? {
        service(.tokenKeysURL, .tokenKeysCA, &faults).map {
            PublishedKeys(url: $0.url, authorities: $0.authorities, interval: tokens.keysInterval)
        }
    }

    /// What nobody checks is better not written.
    private func requireKeys(_ faults: inout FaultCollector) {
        guard written.texts(of: .tokenKey).isEmpty, one(.tokenSecretFile) == nil, one(.tokenKeysURL) == nil else {
            return
        }
        for setting in [Setting.tokenIssuer, .tokenAudience] {
            guard let first = written.texts(of: setting).first else { continue }
            let origin = first.origin
            faults.add(
                "\(origin.place(of: setting)) \(AsWritten(first.text)): there is no key that tokens are verified with; give \(origin.name(of: .tokenKey)), \(origin.name(of: .tokenKeysURL)) or \(origin.name(of: .tokenSecretFile)).",
                line: origin.line)
        }
    }

    private static func keys(_ path: String, place: String) throws(ConfigurationError) -> [VerificationKey] {
        let contents = try FileContents.read(path, place: place, what: "public keys", longest: KeySet.longest)
        do throws(KeyFault) {
            return try KeyFile.keys(in: contents)
        } catch {
            throw ConfigurationError("\(place) \(sentence(of: error))")
        }
    }

    private static func sentence(of fault: KeyFault) -> String {
        switch fault {
        case .unreadable:
            "holds something that is no public key in PEM form and no JWK set; look at it with openssl pkey -pubin."
        case .missing: "holds no public key that tokens could be verified with; it must be RSA, P-256 or Ed25519."
        case .isPrivate:
            "holds a private key, with which tokens are made; give the gateway the public one, as from openssl pkey -pubout."
        case .unusable(let what): "holds a key that cannot be used: \(what)."
        case .tooMany: "holds more than \(KeyFile.keyLimit) keys; take out those that are no longer used."
        }
    }

    private static func secretKey(_ path: String, place: String) throws(ConfigurationError) -> VerificationKey {
        var secret = try FileContents.read(path, place: place, what: "the secret", longest: 4096, isSecret: true)
        while let last = secret.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { secret.removeLast() }
        guard !secret.starts(with: Array("-----BEGIN ".utf8)) else {
            throw ConfigurationError(
                "\(place) holds a key in PEM form, which is no secret; name a public one with \(Setting.tokenKey.rawValue)."
            )
        }
        guard let key = VerificationKey(secret: secret) else {
            throw ConfigurationError(
                "\(place) holds a secret that is too short; take \(VerificationKey.shortestSecret) characters or more, as from: openssl rand -hex 32."
            )
        }
        return key
    }
}
