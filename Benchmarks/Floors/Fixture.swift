import Glibc

/// The bytes of a file of `Fixtures`; the program is run where that is.
func fixture(_ path: String) -> [UInt8] {
    guard let file = fopen("Fixtures/\(path)", "r") else { preconditionFailure("There is no Fixtures/\(path) here.") }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
    return bytes
}

/// The bytes that a file of hexadecimal ones stands for.
func hexadecimalFixture(_ path: String) -> [UInt8] {
    String(decoding: fixture(path), as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap {
        UInt8($0, radix: 16)
    }
}

/// What a game sends, most often.
let message = [UInt8](repeating: 7, count: 100)
