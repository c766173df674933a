/// The token that operators show to the admin page.
///
/// It has no description, so that it gets into no log.
public struct OperatorToken: Equatable, Sendable {
    public let bytes: [UInt8]

    // Our choice.
    /// Who reaches the page can guess at it.
    static let shortest = 16
    static let longest = 512

    /// Reads a file that nobody but its owner may touch.
    ///
    /// - Parameter place: where it was named, as the error shall begin.
    init(file path: String, place: String) throws(ConfigurationError) {
        let contents = try FileContents.read(
            path, place: place, what: "the token", longest: Self.longest + 16, isSecret: true)
        let token = Array(contents.trimmed)
        guard !token.isEmpty else {
            throw ConfigurationError("\(place) holds no token; make one with openssl rand -base64 32.")
        }
        // What a header can carry, and a person can paste.
        guard token.count <= Self.longest, token.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ConfigurationError(
                "\(place) holds something that is no token; it must be one line of letters, digits and signs without spaces, \(Self.longest) at most."
            )
        }
        guard token.count >= Self.shortest else {
            throw ConfigurationError(
                "\(place) holds a token that can be guessed; take \(Self.shortest) characters or more, as from openssl rand -base64 32."
            )
        }
        bytes = token
    }
}

extension [UInt8] {
    /// Without white space and ends of lines around it.
    fileprivate var trimmed: ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        var rest = drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }
}
