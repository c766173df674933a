import TLS

/// A service that decides who may join.
public struct DecidingService: Equatable, Sendable {
    public let url: ServiceURL
    /// In PEM form; nil for those the system trusts.
    public let authorities: [UInt8]?
    /// In seconds.
    public let timeout: Int
}

// Services that are asked.
extension Settings {
    mutating func readAdmission(_ faults: inout FaultCollector) {
        guard let found = service(.admissionURL, .admissionCA, &faults), let written = one(.admissionURL) else {
            return
        }
        admissionService = DecidingService(
            url: found.url, authorities: found.authorities, timeout: admissionTimeout)
        guard tokens.areNeeded else { return }
        faults.add(
            "\(written.origin.place(of: .admissionURL)) \(AsWritten(written.text)): there are keys of tokens, too, and one of the two decides; leave the other out.",
            line: written.origin.line)
    }

    /// What a URL and the file of authorities that goes with it say; nil where there is none, or none that can be used.
    func service(
        _ setting: Setting, _ authority: Setting, _ faults: inout FaultCollector
    ) -> (url: ServiceURL, authorities: [UInt8]?)? {
        let file = one(authority)
        guard let written = one(setting) else {
            if let file {
                faults.add(
                    "\(file.origin.place(of: authority)) \(AsWritten(file.text)): no \(file.origin.name(of: setting)) uses it; leave it out.",
                    line: file.origin.line)
            }
            return nil
        }
        return faults.collect(written.origin) {
            () throws(ConfigurationError) -> (url: ServiceURL, authorities: [UInt8]?) in
            let url = try ServiceURL(parsing: written.text, origin: written.origin.place(of: setting))
            guard let file else { return (url, nil) }
            let place = "\(file.origin.place(of: authority)) \(AsWritten(file.text))"
            return (url, try AuthorityFile.readForTLS(file.text, place: place))
        }
    }
}
