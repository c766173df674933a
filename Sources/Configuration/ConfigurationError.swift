/// Something a person wrote that cannot be used: one sentence that names it and the cure.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    public let description: String

    init(_ sentence: String) {
        description = sentence
    }
}
