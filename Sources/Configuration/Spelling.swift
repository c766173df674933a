/// What somebody may have meant.
enum Spelling {
    // Our choice.
    /// Letters wrong in a word, at most: a third of it, and no more than this.
    private static let mistakes = 3
    private static let longest = 64

    /// The name that is spelled most alike; nil when none is.
    static func nearest(to word: String, among names: [String]) -> String? {
        guard word.utf8.count <= longest else { return nil }
        let letters = Array(word.lowercased().replacing("_", with: "-").utf8)
        let best = names.map { ($0, distance(letters, Array($0.utf8))) }.min { $0.1 < $1.1 }
        guard let (name, distance) = best, distance <= min(mistakes, name.utf8.count / 3) else { return nil }
        return name
    }

    /// Letters to insert, to remove or to replace (Levenshtein's).
    private static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        var row = Array(0...second.count)
        for (index, letter) in first.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, other) in second.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[second.count]
    }
}
