/// Everything that was found wrong at once, by the file's lines where it has some; never nothing.
public struct ConfigurationFaults: Error, Equatable, Sendable {
    public let sentences: [String]
}

/// Keeps what is wrong while what follows is looked at, too.
struct FaultCollector {
    private var found: [(line: Int, sentence: String)] = []

    var isEmpty: Bool { found.isEmpty }

    mutating func add(_ sentence: String, line: Int? = nil) {
        found.append((line ?? 0, sentence))
    }

    /// Nil when it throws.
    @discardableResult
    mutating func collect<Value>(
        _ origin: Origin? = nil, _ body: () throws(ConfigurationError) -> Value
    ) -> Value? {
        do throws(ConfigurationError) {
            return try body()
        } catch {
            add(error.description, line: origin?.line)
            return nil
        }
    }

    mutating func add(_ faults: ConfigurationFaults) {
        for sentence in faults.sentences { add(sentence) }
    }

    func throwAny() throws(ConfigurationFaults) {
        guard !found.isEmpty else { return }
        let order = found.indices.sorted { (found[$0].line, $0) < (found[$1].line, $1) }
        throw ConfigurationFaults(sentences: order.map { found[$0].sentence })
    }
}
