extension SessionDescription {
    /// Reads a description. Throws an error of kind `.unparsable` that names the line.
    public init(parsing text: String) throws(SDPError) {
        guard text.utf8.count <= Self.maximumLength else { throw SDPLines.tooLong }
        try self.init(parsing: Array(text.utf8))
    }

    /// Reads a description from its UTF-8 bytes. Throws an error of kind `.unparsable` that names the line.
    public init(parsing text: [UInt8]) throws(SDPError) {
        var lines = try SDPLines(text)
        // RFC 8866 §5.1: the version comes first, and is 0.
        guard let version = try lines.next() else {
            throw .unparsable(nil, "the description is empty; send the text of RTCPeerConnection.localDescription.sdp")
        }
        guard version.type == UInt8(ascii: "v"), version.value == "0" else {
            throw .unparsable(version.number, #"a session description starts with "v=0""#)
        }
        session.lines.append(version)
        while let line = try lines.next() {
            try take(line)
        }
        try checkSession(against: version)
        try checkMids()
    }

    private mutating func take(_ line: SDPLine) throws(SDPError) {
        if line.type == UInt8(ascii: "m") {
            guard media.count < Self.maximumMediaSections else {
                throw .unparsable(
                    line.number, "the description has more than \(Self.maximumMediaSections) media sections")
            }
            media.append(try MediaSection(line))
        } else if let last = media.indices.last {
            try media[last].section.take(line, allowed: SDPSection.mediaLetters)
        } else {
            try session.take(line, allowed: SDPSection.sessionLetters)
        }
    }

    /// RFC 8866 §5: origin, name and time are there in every description.
    private func checkSession(against version: SDPLine) throws(SDPError) {
        for letter in ["o", "s", "t"] where !session.lines.contains(where: { $0.type == letter.utf8.first }) {
            throw .unparsable(version.number, "the session part that starts here has no \(letter)= line")
        }
    }

    /// RFC 5888 §4: a mid is a token, and no two sections share one.
    private func checkMids() throws(SDPError) {
        var seen: Set<String> = []
        for section in media {
            guard let mid = section.section.attribute("mid") else { continue }
            guard mid.value.isToken else {
                throw .unparsable(mid.line, #"a=mid needs a name without spaces, like "0""#)
            }
            guard seen.insert(mid.value).inserted else {
                throw .unparsable(mid.line, "another media section already has this a=mid; give each its own")
            }
        }
    }
}

extension SDPSection {
    // From RFC 8866 §5: the lines a session part and a media section may have.
    static let sessionLetters = Array("osiuepcbtrzka".utf8)
    static let mediaLetters = Array("icbka".utf8)

    mutating func take(_ line: SDPLine, allowed letters: [UInt8]) throws(SDPError) {
        guard letters.contains(line.type) else {
            throw .unparsable(line.number, "SDP knows no such line at this place; remove it")
        }
        if line.type == UInt8(ascii: "a") {
            attributes.append(try SDPAttribute(line))
        } else {
            lines.append(line)
        }
    }
}

extension SDPAttribute {
    /// Reads the value of an a= line (RFC 8866 §5.13).
    init(_ line: SDPLine) throws(SDPError) {
        let colon = line.value.utf8.firstIndex(of: UInt8(ascii: ":"))
        let name = line.value[..<(colon ?? line.value.endIndex)]
        guard name.isToken else {
            throw .unparsable(line.number, #"a= needs a name, or a name, ":" and a value, like "a=mid:0""#)
        }
        self.name = String(name)
        value = colon.map { String(line.value[line.value.utf8.index(after: $0)...]) } ?? ""
        self.line = line.number
    }
}
