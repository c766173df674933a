/// The media section that carries data channels, and what is to be read from it.
struct DataSection {
    // From RFC 8841 §4.2, §4.3; DTLS/SCTP is what drafts before it called UDP/DTLS/SCTP.
    private static let transports = ["UDP/DTLS/SCTP", "TCP/DTLS/SCTP", "DTLS/SCTP"]
    private static let format = "webrtc-datachannel"

    let index: Int
    let media: MediaSection
    let isBundled: Bool
    /// Where the transport's attributes may stand; the first place that has one decides.
    private let places: [SDPSection]

    /// Takes the first section that can carry data channels.
    init(of description: SessionDescription) throws(SDPError) {
        let applications = description.media.indices.filter { description.media[$0].kind == "application" }
        let refusals = applications.map { Self.refusal(of: $0, in: description) }
        guard let usable = refusals.firstIndex(of: nil) else {
            throw refusals.compactMap(\.self).first
                ?? .unusable(nil, "there is no data channel section; call createDataChannel before createOffer")
        }
        index = applications[usable]
        media = description.media[index]
        isBundled = Self.bundleGroup(of: media, in: description) != nil
        places = Self.transportPlaces(of: media, in: description)
    }

    func credentials() throws(SDPError) -> ICECredentials {
        guard let ufrag = attribute("ice-ufrag") else { throw missing("ice-ufrag") }
        guard let password = attribute("ice-pwd") else { throw missing("ice-pwd") }
        return try ICECredentials(ufrag: ufrag, password: password)
    }

    /// RFC 8122 §5: fingerprints of the media section stand in for all those of the session.
    func fingerprints() throws(SDPError) -> [DTLSFingerprint] {
        let lines = places.lazy.map { $0.attributes("fingerprint") }.first { !$0.isEmpty }
        guard let lines, let first = lines.first else { throw missing("fingerprint") }
        var usable: [DTLSFingerprint] = []
        for line in lines {
            if let fingerprint = try DTLSFingerprint(line) {
                usable.append(fingerprint)
            }
        }
        guard !usable.isEmpty else {
            throw .unusable(first.line, "a=fingerprint uses a hash we do not accept; use sha-256, sha-384 or sha-512")
        }
        return usable
    }

    func setup(allowed: [DTLSSetup]) throws(SDPError) -> DTLSSetup {
        guard let line = attribute("setup") else { throw missing("setup") }
        guard line.value != "holdconn" else {
            throw .unusable(line.line, "a=setup:holdconn forbids a connection; use actpass")
        }
        let words = allowed.map(\.rawValue).joined(separator: " or ")
        guard let setup = DTLSSetup(rawValue: line.value) else {
            throw .unparsable(line.line, "a=setup must be \(words)")
        }
        guard allowed.contains(setup) else {
            throw .unusable(line.line, "a=setup must be \(words) in an answer")
        }
        return setup
    }

    func sctpPort() throws(SDPError) -> UInt16 {
        guard let line = media.section.attribute("sctp-port") else { return DataChannelDescription.defaultSCTPPort }
        guard let port = UInt16(decimal: line.value), port > 0 else {
            throw .unparsable(line.line, "a=sctp-port needs a number from 1 to 65535, like 5000")
        }
        return port
    }

    func maxMessageSize() throws(SDPError) -> Int {
        guard let line = media.section.attribute("max-message-size") else {
            return DataChannelDescription.defaultMaxMessageSize
        }
        guard line.value.isDecimal else {
            throw .unparsable(line.line, "a=max-message-size needs a number of bytes, like 262144, or 0 for no limit")
        }
        // RFC 8841 §6: 0 means no limit. A number too large for us is none either.
        let size = Int(decimal: line.value) ?? .max
        return size == 0 ? .max : size
    }

    /// The bytes of a=sctp-init (draft-hancke-tsvwg-snap), an SCTP INIT if they are sound.
    ///
    /// A line that is no base64, or one of several, counts as absent and is no error. The first draft asks for that;
    /// and the association can always be set up on the wire, so a browser that writes the line some other way, as the
    /// drafts may still change it, loses round trips and not its game.
    func sctpInit() -> [UInt8]? {
        let lines = media.section.attributes("sctp-init")
        guard lines.count == 1, let value = lines.first?.value, !value.isEmpty else { return nil }
        return Base64.decode(value)
    }

    private func attribute(_ name: String) -> SDPAttribute? {
        places.lazy.compactMap { $0.attribute(name) }.first
    }

    private func missing(_ name: String) -> SDPError {
        .unusable(media.line, "the data channel section that starts here has no a=\(name), nor has the session part")
    }
}

// Which section, and in which group
extension DataSection {
    /// Why the section at `index` cannot carry data channels with us; nil when it can.
    private static func refusal(of index: Int, in description: SessionDescription) -> SDPError? {
        let media = description.media[index]
        guard media.formats.contains(format), transports.contains(media.transport) else {
            return .unusable(
                media.line, #"data channels need "m=application 9 UDP/DTLS/SCTP webrtc-datachannel" as their m= line"#)
        }
        guard media.port != 0 || isBundleOnly(media, in: description) else {
            return .unusable(media.line, "the data channel section has port 0, which refuses it; use port 9")
        }
        return nil
    }

    /// RFC 8843 §6: with a=bundle-only, port 0 means that the section uses the transport of its group.
    private static func isBundleOnly(_ media: MediaSection, in description: SessionDescription) -> Bool {
        media.section.attribute("bundle-only") != nil && bundleGroup(of: media, in: description) != nil
    }

    private static func bundleGroup(of media: MediaSection, in description: SessionDescription) -> [Substring]? {
        guard let mid = media.mid else { return nil }
        return description.session.attributes("group")
            .map(\.value.spaceSeparated)
            .first { $0.first == "BUNDLE" && $0.dropFirst().contains { $0 == mid } }
            .map { Array($0.dropFirst()) }
    }

    /// A media section's own attributes win over the session's (RFC 8839 §5.4, RFC 8122 §5). A bundle-only section
    /// has none of its own: those of the group's first section are meant (RFC 8843 §7.1.3).
    private static func transportPlaces(
        of media: MediaSection, in description: SessionDescription
    ) -> [SDPSection] {
        var places = [media.section]
        if isBundleOnly(media, in: description), let tag = bundleGroup(of: media, in: description)?.first,
            let tagged = description.media.first(where: { $0.mid.map { $0 == tag } ?? false })
        {
            places.append(tagged.section)
        }
        return places + [description.session]
    }
}
