/// A game server compresses otherwise than its route says.
public struct CompressionMismatch: Hashable, Sendable {
    public enum Finding: Hashable, Sendable {
        /// It sent what was compressed in this way.
        case serverUses(Compression)
        /// It sent what is compressed in no way we know.
        case serverUsesAnother
        /// It is connected and acknowledges what is not compressed, and nothing that is.
        case serverReadsNothingCompressed
    }

    public let configured: Compression
    public let finding: Finding

    public init(configured: Compression, finding: Finding) {
        self.configured = configured
        self.finding = finding
    }
}
