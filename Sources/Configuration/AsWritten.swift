/// What a person wrote, fit to be repeated in a sentence about it: on one line, and not longer than a sentence bears.
public struct AsWritten: CustomStringConvertible {
    public let description: String

    // Our choice.
    private static let limit = 100

    public init(_ text: some StringProtocol) {
        let scalars = text.unicodeScalars
        let shown = scalars.prefix(Self.limit).map { $0.isVisible ? String($0) : $0.escaped(asASCII: true) }.joined()
        description = scalars.dropFirst(Self.limit).isEmpty ? shown : "\(shown)…"
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
