import Glibc

// The TURN servers and their secret.
extension Settings {
    mutating func readRelays(_ faults: inout FaultCollector) {
        let texts = written.texts(of: .turn)
        let urls = faults.collect(texts.first?.origin) { () throws(ConfigurationError) in try ICEServerURL.all(texts) }
        guard let urls else { return }
        relays.urls = urls
        let relay = urls.first(where: \.needsCredential)
        let origin = one(.turnSecretFile)?.origin ?? texts.first?.origin
        let secret = faults.collect(origin) { () throws(ConfigurationError) -> SharedSecret? in
            try self.secret(for: relay)
        }
        relays.secret = secret ?? nil
    }

    private func secret(for relay: ICEServerURL?) throws(ConfigurationError) -> SharedSecret? {
        if let file = one(.turnSecretFile) {
            let place = file.origin.place(of: .turnSecretFile)
            let turn = file.origin.name(of: .turn)
            guard relay != nil else {
                let example =
                    file.origin.line == nil ? "\(turn) turn:turn.example.org" : "turn: [turn:turn.example.org]"
                throw ConfigurationError(
                    "\(place) \(AsWritten(file.text)): no \(turn) uses it; name the server, like \(example).")
            }
            return try SharedSecret(file: file.text, option: place)
        }
        guard let relay, let first = written.texts(of: .turn).first(where: { $0.text == relay.text }) else {
            return nil
        }
        guard let secret = one(.turnSecret) else {
            let cure = "\(first.origin.name(of: .turnSecretFile)) or set \(Setting.turnSecret.variable)"
            throw ConfigurationError(
                "\(first.origin.place(of: .turn)) \(AsWritten(relay.text)): there is no secret to make credentials from; give \(cure)."
            )
        }
        let place = secret.origin.place(of: .turnSecret)
        if case .file(let path, _) = secret.origin { try Self.checkIsPrivate(path, place: place) }
        return try SharedSecret(Array(secret.text.utf8), place: place)
    }

    /// A file with a secret in it is nobody else's.
    private static func checkIsPrivate(_ path: String, place: String) throws(ConfigurationError) {
        var attributes = stat()
        guard stat(path, &attributes) == 0, attributes.st_mode & 0o077 == 0 else {
            throw ConfigurationError(
                "\(place) is in a file that is open to others than its owner; run chmod 600 on it, or name a file of its own with \(Setting.turnSecretFile.rawValue)."
            )
        }
    }
}
