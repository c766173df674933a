import Glibc

/// A file's text.
enum TextContents {
    static func read(_ path: String) throws(DiscoveryError) -> String {
        // Non-blocking, so that a pipe cannot hold it up.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw DiscoveryError("the file cannot be read: \(ByteStream.words(errno))") }
        let stream = ByteStream(descriptor, until: Deadline(in: 0))
        var attributes = stat()
        guard fstat(descriptor, &attributes) == 0, attributes.st_mode & S_IFMT == S_IFREG else {
            throw DiscoveryError("it is no file")
        }
        let bytes = try stream.readAll(atMost: ServerList.longest)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw DiscoveryError("it is not UTF-8") }
        return text
    }
}
