/// What a person wrote, fit to be repeated in a sentence about it: on one line, and not longer than a sentence bears.
public struct AsWritten: CustomStringConvertible {
    public let description: String

    // Our choice.
    public static let limit = 100
    /// Of a file's path, which has to be found again.
    static let pathLimit = 1000

    public init(_ text: some StringProtocol, limit: Int = limit) {
        let scalars = text.unicodeScalars
        let shown = scalars.prefix(limit).map { $0.isVisible ? String($0) : $0.escaped(asASCII: true) }.joined()
        description = scalars.dropFirst(limit).isEmpty ? shown : "\(shown)…"
    }
}

extension Unicode.Scalar {
    /// Not so are controls, line separators, and what reorders or hides its neighbours.
    fileprivate var isVisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
        default: true
        }
    }
}
