import Glibc

/// Files that are named in settings, read as a whole.
enum FileContents {
    /// - Parameters:
    ///   - place: where it was named, as the error shall begin.
    ///   - what: it holds, as the error shall say it.
    ///   - longest: bytes that it may have.
    ///   - isSecret: whether nobody but its owner may touch it.
    ///   - isOthersToo: whether it may be open to others than its owner and group.
    static func read(
        _ path: String, place: String, what: String, longest: Int, isSecret: Bool = false, isOthersToo: Bool = true
    ) throws(ConfigurationError) -> [UInt8] {
        // Non-blocking, so that a pipe cannot hold up the start.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable(place, errno) }
        defer { close(descriptor) }
        var attributes = stat()
        guard fstat(descriptor, &attributes) == 0 else { throw unreadable(place, errno) }
        guard attributes.st_mode & S_IFMT == S_IFREG else {
            throw ConfigurationError("\(place) is no file; name the one that holds \(what).")
        }
        guard !isSecret || attributes.st_mode & 0o077 == 0 else {
            throw ConfigurationError("\(place) is open to others than its owner; run chmod 600 on it.")
        }
        guard isOthersToo || attributes.st_mode & 0o007 == 0 else {
            throw ConfigurationError("\(place) is open to everybody; run chmod 640 on it, or 600.")
        }
        var bytes = [UInt8](repeating: 0, count: longest + 1)
        var count = 0
        while count < bytes.count {
            let read = bytes.withUnsafeMutableBytes { room in
                Glibc.read(descriptor, room.baseAddress.map { $0 + count }, room.count - count)
            }
            guard read >= 0 else { throw unreadable(place, errno) }
            guard read > 0 else { break }
            count += read
        }
        guard count <= longest else {
            throw ConfigurationError("\(place) is longer than \(longest) bytes; name the one that holds \(what).")
        }
        return Array(bytes.prefix(count))
    }

    private static func unreadable(_ place: String, _ code: Int32) -> ConfigurationError {
        ConfigurationError("\(place) cannot be read: \(String(cString: strerror(code))).")
    }
}
