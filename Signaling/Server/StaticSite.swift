import Glibc
import NIOHTTP1

/// The files of a page, held in memory: a closed table from paths to contents.
///
/// A request can only find what the table has, so no path leads out of the directory it was read from. Left out:
/// subdirectories, hidden files, compression, and files that change while the gateway runs.
public struct StaticSite: Sendable {
    // Our choice
    static let maximumFiles = 256
    static let maximumFileBytes = 4 * 1024 * 1024

    private var files: [String: StaticFile] = [:]

    /// Names and contents. Every name must have one of the extensions in `StaticFile.contentTypes`; `index.html` is
    /// also found at `/`.
    public init(files contents: [String: [UInt8]]) {
        for (name, bytes) in contents {
            guard let file = StaticFile(name: name, contents: bytes) else {
                preconditionFailure("\(name) has no extension of a known type.")
            }
            files["/" + name] = file
        }
        files["/"] = files["/index.html"]
    }

    /// Reads the regular files of known types that lie in a directory itself; others are passed over. `more` are files
    /// that lie nowhere.
    public init(directory: String, adding more: [String: [UInt8]] = [:]) throws(StaticSiteError) {
        let names = try Self.names(in: directory).filter { StaticFile.contentType(of: $0) != nil }
        guard names.count <= Self.maximumFiles else { throw .tooManyFiles(directory) }
        var contents: [String: [UInt8]] = [:]
        for name in names {
            contents[name] = try Self.read(directory + "/" + name)
        }
        guard !contents.isEmpty else { throw .noFiles(directory) }
        self.init(files: contents.merging(more) { _, ours in ours })
    }

    subscript(path: String) -> StaticFile? { files[path] }

    private static func names(in directory: String) throws(StaticSiteError) -> [String] {
        guard let stream = opendir(directory) else { throw .unreadable(directory, errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    /// A file's bytes; nil when it is not a regular file.
    private static func read(_ path: String) throws(StaticSiteError) -> [UInt8]? {
        // Non-blocking, so that a pipe in the directory cannot hold up the start.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path, errno) }
        defer { close(descriptor) }
        var attributes = stat()
        guard fstat(descriptor, &attributes) == 0 else { throw .unreadable(path, errno) }
        guard attributes.st_mode & S_IFMT == S_IFREG else { return nil }
        guard attributes.st_size <= maximumFileBytes else { throw .fileTooLarge(path) }
        return try bytes(of: descriptor, path, size: Int(attributes.st_size))
    }

    private static func bytes(of descriptor: Int32, _ path: String, size: Int) throws(StaticSiteError) -> [UInt8] {
        var failure: Int32?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let result = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
                guard result > 0 else {
                    failure = result < 0 ? errno : nil
                    return
                }
                count += result
            }
        }
        if let failure { throw .unreadable(path, failure) }
        return bytes
    }
}

/// Why the site's files could not be loaded.
public enum StaticSiteError: Error, Equatable, CustomStringConvertible {
    case unreadable(String, Int32)
    case noFiles(String)
    case tooManyFiles(String)
    case fileTooLarge(String)

    public var description: String {
        switch self {
        case .unreadable(let path, let code): "\(path) cannot be read: \(String(cString: strerror(code)))."
        case .noFiles(let directory): "\(directory) holds no files of a page; give the directory of its index.html."
        case .tooManyFiles(let directory):
            "\(directory) holds more than \(StaticSite.maximumFiles) files; serve it with a web server of its own."
        case .fileTooLarge(let path):
            "\(path) is larger than \(StaticSite.maximumFileBytes) bytes; serve it with a web server of its own."
        }
    }
}
