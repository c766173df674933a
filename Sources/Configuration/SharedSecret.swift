import Glibc

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
        // Non-blocking, so that a pipe cannot hold up the start.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.unreadable(place, errno) }
        defer { close(descriptor) }
        var attributes = stat()
        guard fstat(descriptor, &attributes) == 0 else { throw Self.unreadable(place, errno) }
        guard attributes.st_mode & S_IFMT == S_IFREG else {
            throw ConfigurationError("\(place) is no file; name the one that holds the secret.")
        }
        guard attributes.st_mode & 0o077 == 0 else {
            throw ConfigurationError("\(place) is open to others than its owner; run chmod 600 on it.")
        }
        var bytes = [UInt8](repeating: 0, count: Self.longest + 2)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw Self.unreadable(place, errno) }
        try self.init(Array(bytes.prefix(count)), place: place)
    }

    private static func unreadable(_ place: String, _ code: Int32) -> ConfigurationError {
        ConfigurationError("\(place) cannot be read: \(String(cString: strerror(code))).")
    }
}
