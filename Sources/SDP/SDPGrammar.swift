/// The small words of SDP's grammar (RFC 8866 §9), on text of the network's making.
extension StringProtocol {
    /// The runs between spaces; empty ones are left out.
    var spaceSeparated: [SubSequence] {
        utf8.split(separator: UInt8(ascii: " ")).map { self[$0.startIndex..<$0.endIndex] }
    }

    /// RFC 8866 §9, `token`: visible ASCII without separators.
    var isToken: Bool {
        !isEmpty
            && utf8.allSatisfy { byte in
                switch byte {
                case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x30...0x39, 0x41...0x5A, 0x5E...0x7E: true
                default: false
                }
            }
    }

    /// One decimal digit or more: no sign, no space.
    var isDecimal: Bool {
        !isEmpty && utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// RFC 8839 §5.4, `ice-char`: letters, digits, `+` and `/`.
    var isICECharacters: Bool {
        utf8.allSatisfy { byte in
            switch byte {
            case 0x2B, 0x2F, 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: false
            }
        }
    }
}

extension FixedWidthInteger {
    /// A number of decimal digits only. Nil for anything else, and for one too large.
    init?(decimal text: some StringProtocol) {
        guard text.isDecimal else { return nil }
        self.init(text, radix: 10)
    }
}
