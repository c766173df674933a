import Foundation

/// A file of settings in a folder of its own, gone with the test.
final class SettingsFile: Sendable {
    let path: String
    private let folder: URL

    init(_ text: String, name: String = "torii.yaml") throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "torii-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        path = folder.appending(path: name).path(percentEncoded: false)
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// Puts another file in its place, as editors do.
    func replace(with text: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Writes into the file that is there.
    func overwrite(with text: String) throws {
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }
}
