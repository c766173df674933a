/// Takes a text apart into lines, each checked for form and size.
struct SDPLines {
    private var rest: ArraySlice<UInt8>
    private var number = 0

    init(_ text: [UInt8]) throws(SDPError) {
        guard text.count <= SessionDescription.maximumLength else { throw Self.tooLong }
        rest = text[...]
    }

    static let tooLong = SDPError.unparsable(
        nil, "the description is larger than \(SessionDescription.maximumLength) bytes; offer fewer media sections")

    /// The next line, or nil at the end.
    mutating func next() throws(SDPError) -> SDPLine? {
        guard !rest.isEmpty else { return nil }
        number += 1
        guard number <= SessionDescription.maximumLines else {
            throw .unparsable(number, "the description has more than \(SessionDescription.maximumLines) lines")
        }
        let bytes = try takeLine()
        guard bytes.count <= SessionDescription.maximumLineLength else {
            throw .unparsable(number, "the line is longer than \(SessionDescription.maximumLineLength) bytes")
        }
        guard bytes.count >= 2, let type = bytes.first, (0x61...0x7A).contains(type),
            bytes[bytes.startIndex + 1] == UInt8(ascii: "=")
        else {
            throw .unparsable(number, #"a line is a small letter, "=" and a value, like "s=-""#)
        }
        guard let value = String(validating: bytes.dropFirst(2), as: UTF8.self) else {
            throw .unparsable(number, "the line is not UTF-8 text")
        }
        return SDPLine(type: type, value: value, number: number)
    }

    /// The bytes up to the next line ending, which is taken off: CR LF, or LF alone (RFC 8866 §5).
    private mutating func takeLine() throws(SDPError) -> ArraySlice<UInt8> {
        let end = rest.firstIndex(of: UInt8(ascii: "\n"))
        var line = rest[..<(end ?? rest.endIndex)]
        if end != nil, line.last == UInt8(ascii: "\r") {
            line.removeLast()
        }
        guard !line.contains(0) else {
            throw .unparsable(number, "the line holds a NUL byte; send the description as plain text")
        }
        guard !line.contains(UInt8(ascii: "\r")) else {
            throw .unparsable(number, "a carriage return stands alone; end each line with CR LF")
        }
        guard let end else {
            throw .unparsable(number, "the last line does not end in CR LF; the description seems cut off")
        }
        rest = rest[(end + 1)...]
        return line
    }
}
