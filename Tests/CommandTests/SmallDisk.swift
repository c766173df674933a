import Foundation
import Testing

/// A file system in memory of a few pages, for one command alone (tmpfs(5)).
final class SmallDisk {
    /// Where it is for that command.
    let path: String
    private static let size = 65_536

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "torii-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        path = folder.path
    }

    deinit { rmdir(path) }

    /// What a shell does for it to be there.
    var mount: String { "mount -t tmpfs -o size=\(Self.size) tmpfs \(path)" }

    func text(_ name: String, of command: ToriiProcess) throws -> String {
        try String(contentsOfFile: place(name, of: command), encoding: .utf8)
    }

    /// Until it takes no more.
    func fill(of command: ToriiProcess) throws {
        let file = open(try place("filling", of: command), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        let page = [UInt8](repeating: 0, count: 4_096)
        var written = 0
        while case let count = write(file, page, page.count), count > 0 { written += count }
        try #require(written > 0 && errno == ENOSPC)
    }

    func empty(of command: ToriiProcess) throws {
        try #require(unlink(place("filling", of: command)) == 0)
    }

    /// As seen from outside (proc(5), /proc/[pid]/root).
    private func place(_ name: String, of command: ToriiProcess) throws -> String {
        "/proc/\(try command.commandID)/root\(path)/\(name)"
    }
}
