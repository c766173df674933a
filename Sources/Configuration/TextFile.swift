import Glibc

/// Files that people write.
enum TextFile {
    /// - Parameters:
    ///   - place: where it was named, as the error shall begin.
    ///   - longest: bytes that are read at most.
    static func read(_ path: String, place: String, longest: Int) throws(ConfigurationError) -> String {
        // Non-blocking, so that a pipe cannot hold up the start.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable(place, errno) }
        defer { close(descriptor) }
        var attributes = stat()
        guard fstat(descriptor, &attributes) == 0 else { throw unreadable(place, errno) }
        guard attributes.st_mode & S_IFMT == S_IFREG else {
            throw ConfigurationError("\(place) is no file; name the one that holds the settings.")
        }
        guard attributes.st_size <= longest else {
            throw ConfigurationError("\(place) is longer than \(longest) bytes; take out what is no setting.")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= longest {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { throw unreadable(place, errno) }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationError("\(place) is not UTF-8; save it as that.")
        }
        return text
    }

    private static func unreadable(_ place: String, _ code: Int32) -> ConfigurationError {
        ConfigurationError("\(place) cannot be read: \(String(cString: strerror(code))).")
    }
}
