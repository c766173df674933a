@testable import Configuration

/// Texts as they come from the command line.
func flags(_ texts: [String]) -> [Written] {
    texts.map { Written($0, .flag) }
}
