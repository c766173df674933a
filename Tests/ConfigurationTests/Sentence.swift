import Testing

/// Expects what every sentence to the operator is: one line and one sentence, which begins with the option and names
/// the cure.
func expectSentence(
    _ sentence: String, begins option: String, cure: String, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(sentence.hasPrefix(option), sourceLocation: sourceLocation)
    #expect(cure.isEmpty || sentence.contains(cure), "\(sentence)", sourceLocation: sourceLocation)
    #expect(sentence.hasSuffix("."), "\(sentence)", sourceLocation: sourceLocation)
    #expect(!sentence.contains(". "), "\(sentence)", sourceLocation: sourceLocation)
    #expect(sentence.utf8.count < 600, sourceLocation: sourceLocation)
    #expect(sentence.allSatisfy { !$0.isNewline && $0 != "\0" && $0 != "\u{1B}" }, sourceLocation: sourceLocation)
}
