import DTLS

// `verify=`, `ca=`, `server-name=` and `pin=`.
extension RouteOptions {
    private static let certificateOptions: [RouteOption] = [.verify, .ca, .serverName, .pin]

    /// - Parameter host: what the servers are known by; nil where each has its own.
    func certificateRule(scheme: ServerScheme, host: String?, example: HostPort?) throws(ConfigurationError)
        -> CertificateRule?
    {
        guard scheme == .enets else {
            try refuse(
                Self.certificateOptions,
                "is for enets:// servers; write enets://\(example?.description ?? "HOST:PORT"), or leave it out")
            return nil
        }
        let check: CertificateCheck? = try choice(.verify)
        let file = try caFile()
        let name = try serverName()
        if let pin = try pin() {
            try refuse([.verify, .ca, .serverName], "has no use beside pin; leave one of them out")
            return CertificateRule(serverName: host ?? "", trust: .pin(pin))
        }
        guard check != CertificateCheck.none else {
            try refuse([.ca], "has no use beside verify=none; leave one of them out")
            return CertificateRule(serverName: name ?? host ?? "", trust: .none)
        }
        guard let known = name ?? host else {
            throw ConfigurationError(
                "\(routePlace): the servers have several names, or none, so no certificate can be for them; write \(self.example(.serverName, "game.example.org")), or use pin."
            )
        }
        return CertificateRule(
            serverName: known, trust: .authorities(file: file, checksName: check != .ca))
    }

    private func refuse(_ options: [RouteOption], _ why: String) throws(ConfigurationError) {
        guard let option = options.first(where: { self[$0] != nil }) else { return }
        throw ConfigurationError("\(place(option)): \(option.rawValue) \(why).")
    }

    private func caFile() throws(ConfigurationError) -> String? {
        guard let file = self[.ca] else { return nil }
        guard !file.isEmpty else {
            throw ConfigurationError("\(place(.ca)): ca names no file; write it like \(example(.ca, "authority.pem")).")
        }
        return String(file)
    }

    private func serverName() throws(ConfigurationError) -> String? {
        guard let text = self[.serverName] else { return nil }
        guard HostPort.isHost(text) else {
            throw ConfigurationError(
                "\(place(.serverName)): server-name \(AsWritten(text)) is no host name or address; write it like \(example(.serverName, "game.example.org"))."
            )
        }
        return String(text)
    }

    /// As `openssl x509 -fingerprint -sha256` writes it, or without the colons.
    private func pin() throws(ConfigurationError) -> CertificateFingerprint? {
        guard let text = self[.pin] else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let digits = parts.count == 2 ? parts[1].utf8.filter { $0 != UInt8(ascii: ":") } : []
        guard parts[0] == "sha256", digits.count == 64, let bytes = Self.bytes(hexadecimal: digits) else {
            throw ConfigurationError(
                "\(place(.pin)): pin must be sha256: and the 64 hexadecimal digits of the certificate's fingerprint.")
        }
        return CertificateFingerprint(algorithm: .sha256, bytes: bytes)
    }

    private static func bytes(hexadecimal digits: [UInt8]) -> [UInt8]? {
        let values = digits.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }.map { UInt8($0) }
        guard values.count == digits.count else { return nil }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }
}
