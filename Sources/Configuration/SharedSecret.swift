/// The secret that the gateway shares with a TURN server, coturn's `static-auth-secret`.
///
/// It has no description, so that it gets into no log.
public struct SharedSecret: Equatable, Sendable {
    public let bytes: [UInt8]

    // Our choice.
    /// Whoever has a credential can try secrets at leisure until one yields its password.
    static let shortest = 16
    static let longest = 4096

    /// - Parameters:
    ///   - line: the secret, the end of a line after it or not.
    ///   - place: where it was read, as the error shall name it.
    init(_ line: [UInt8], place: String) throws(ConfigurationError) {
        var secret = line[...]
        while let last = secret.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { secret.removeLast() }
        guard !secret.isEmpty else {
            throw ConfigurationError("\(place) holds no secret; write coturn's static-auth-secret into it.")
        }
        guard secret.count <= Self.longest, secret.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw ConfigurationError("\(place) holds more than a secret; it must be one line without spaces.")
        }
        guard secret.count >= Self.shortest else {
            throw ConfigurationError(
                "\(place) holds a secret that can be guessed; take \(Self.shortest) characters or more, as from: openssl rand -hex 32."
            )
        }
        bytes = Array(secret)
    }

    /// Reads a file that nobody but its owner may touch.
    init(file path: String, option: String) throws(ConfigurationError) {
        let place = "\(option) \(AsWritten(path))"
        let bytes = try FileContents.read(
            path, place: place, what: "the secret", longest: Self.longest + 2, isSecret: true)
        try self.init(bytes, place: place)
    }
}
