import Glibc
import Testing

/// A folder that is gone again when `body` has run; what is in it, `body` removes.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
    let root = getenv("TMPDIR").map { String(cString: $0) } ?? P_tmpdir
    var template = Array("\(root)/torii-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { rmdir(folder) }
    try body(folder)
}

/// A file with these bytes and this mode, in a folder of its own.
func withTemporaryFile(_ bytes: [UInt8], mode: mode_t = 0o600, _ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
        let path = "\(folder)/file"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { unlink(path) }
        try #require(write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
        try #require(chmod(path, mode) == 0)
        try body(path)
    }
}
