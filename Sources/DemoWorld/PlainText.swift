/// Text from players, made fit to show to others.
enum PlainText {
    // Our choice.
    static let maximumName = 24
    static let maximumChat = 200

    /// Valid UTF-8 of at most `maximumBytes`, cut between characters, in one line, without control characters and the
    /// invisible marks that turn the direction of writing, and without blanks at either end.
    static func sanitised(_ bytes: UnsafeRawBufferPointer, maximumBytes: Int) -> String {
        // No more than four times the limit is looked at: nothing beyond it could be shown.
        let text = String(decoding: bytes.prefix(4 * maximumBytes), as: UTF8.self)
        var plain = ""
        for character in text {
            let shown =
                character.isWhitespace ? " " : String(character.unicodeScalars.filter(isShown).map(Character.init))
            guard plain.utf8.count + shown.utf8.count <= maximumBytes else { break }
            guard !(shown == " " && (plain.isEmpty || plain.hasSuffix(" "))) else { continue }
            plain += shown
        }
        return plain.hasSuffix(" ") ? String(plain.dropLast()) : plain
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFFD: return false
        default: return scalar.properties.generalCategory != .control
        }
    }
}
