/// Why a session description was refused, in a sentence a web developer can act on.
public struct SDPError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Kind: Sendable {
        /// The text breaks SDP's own form (HTTP 400).
        case unparsable
        /// The text is sound, but no data channel with us can come of it (HTTP 422).
        case unusable
    }

    public let kind: Kind
    /// Which line is meant, counted from 1; nil when it is the text as a whole.
    public let line: Int?
    /// What is wrong and what cures it. Never text from the network.
    public let sentence: String

    static func unparsable(_ line: Int?, _ sentence: String) -> SDPError {
        SDPError(kind: .unparsable, line: line, sentence: sentence)
    }

    static func unusable(_ line: Int?, _ sentence: String) -> SDPError {
        SDPError(kind: .unusable, line: line, sentence: sentence)
    }

    /// `line 7: a=setup must be …`
    public var description: String {
        line.map { "line \($0): \(sentence)" } ?? sentence
    }
}
