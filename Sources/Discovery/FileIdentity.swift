import Glibc

/// Which file is at a path, and in what state: other when the file was written to, when another was put in its place, and
/// when a link on the way there points elsewhere, as in Kubernetes' mounted ConfigMaps.
public struct FileIdentity: Equatable, Sendable {
    private let device: UInt
    private let number: UInt
    private let size: Int
    private let seconds: Int
    private let nanoseconds: Int

    /// Nil when there is no file, or none that may be looked at.
    public init?(path: String) {
        var attributes = stat()
        guard stat(path, &attributes) == 0 else { return nil }
        device = UInt(attributes.st_dev)
        number = UInt(attributes.st_ino)
        size = Int(attributes.st_size)
        seconds = attributes.st_mtim.tv_sec
        nanoseconds = attributes.st_mtim.tv_nsec
    }
}

extension FileIdentity {
    /// Of several files; nil when one is not there.
    public static func all(_ paths: [String]) -> [FileIdentity]? {
        let found = paths.compactMap { FileIdentity(path: $0) }
        return found.count == paths.count ? found : nil
    }
}

/// Tells when files have changed and are finished: they then looked the same twice in a row.
public struct FileWatch {
    /// As they were when they were last told of.
    private var told: [FileIdentity]?
    private var last: [FileIdentity]?

    public init(_ present: [FileIdentity]?) {
        told = present
        last = present
    }

    /// The files are about to be read as they are now.
    public mutating func noteReading(of present: [FileIdentity]?) {
        told = present
    }

    /// - Parameter present: as the files are now; one that is not there will be there again.
    public mutating func hasChanged(_ present: [FileIdentity]?) -> Bool {
        defer { last = present }
        guard let present, present == last, present != told else { return false }
        told = present
        return true
    }
}
