import TLS

// The certificate of the HTTP side.
extension Settings {
    // Our choice: a chain has a few thousand.
    private static let longest = 1 << 20

    mutating func readCertificate(_ faults: inout FaultCollector) {
        switch (one(.httpCertificate), one(.httpKey)) {
        case (nil, nil): return
        case (let certificate?, let key?):
            tls = faults.collect(certificate.origin) { () throws(ConfigurationError) in
                try Self.context(certificate, key)
            }
        case (let written?, nil): addMissing(.httpKey, besides: .httpCertificate, written, &faults)
        case (nil, let written?): addMissing(.httpCertificate, besides: .httpKey, written, &faults)
        }
    }

    private func addMissing(
        _ missing: Setting, besides setting: Setting, _ written: Written, _ faults: inout FaultCollector
    ) {
        faults.add(
            "\(written.origin.place(of: setting)) \(AsWritten(written.text)): a certificate and its key belong together; give \(written.origin.name(of: missing)), too.",
            line: written.origin.line)
    }

    private static func context(_ certificate: Written, _ key: Written) throws(ConfigurationError) -> TLSContext {
        let place = "\(certificate.origin.place(of: .httpCertificate)) \(AsWritten(certificate.text))"
        let certificates = try FileContents.read(
            certificate.text, place: place, what: "the certificate", longest: longest)
        let keyPlace = "\(key.origin.place(of: .httpKey)) \(AsWritten(key.text))"
        let secret = try FileContents.read(
            key.text, place: keyPlace, what: "the certificate's key", longest: longest, isOthersToo: false)
        do throws(TLSSetupError) {
            return try TLSContext.server(certificates: certificates, key: secret)
        } catch {
            throw ConfigurationError("\(place) \(error); put the new certificate and its key there, in PEM form.")
        }
    }

    /// Files that are named, which may change by themselves.
    public var files: [String] {
        [
            Setting.httpCertificate, .httpKey, .tokenKey, .tokenSecretFile, .tokenKeysCA, .admissionCA, .turnSecretFile,
            .adminTokenFile,
        ]
        .flatMap { written.texts(of: $0) }.map(\.text)
    }
}
