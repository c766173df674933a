import Foundation
import Testing

/// Deploy/troubleshooting.md has every sentence that a page may be told, and every name of a reason.
@Suite struct ReasonTableTests {
    /// Files whose sentences people get to see, in Swift or GDScript.
    static let files = [
        "Sources/Gateway/EndReason.swift", "Sources/Gateway/CompressionMismatch+Sentence.swift",
        "Signaling/Server/Refusals.swift", "Signaling/Server/Parameters.swift",
        "Signaling/Server/Admission/AdmissionRefusal.swift",
        "Signaling/godot/addons/torii/session.gd", "Signaling/godot/addons/torii/gateway.gd",
    ]

    private let page: String

    init() throws {
        page = try Checkout.text("Deploy/troubleshooting.md")
    }

    @Test(arguments: files) func everySentenceIsThere(file: String) throws {
        let sentences = try Self.sentences(in: file)
        #expect(!sentences.isEmpty)
        for sentence in sentences {
            let isThere = page.contains(Self.gist(of: sentence))
            #expect(isThere, "\(sentence)")
        }
    }

    @Test func everyNameOfAReasonIsThere() throws {
        let source = try Checkout.text("Sources/Gateway/Metrics/EndKind.swift")
        let names = source.matches(of: /case \w+ = "([a-z-]+)"/).map { String($0.1) }
        #expect(names.count > 20)
        // A join that ended otherwise has that end's reason; the name is there for the list to be closed.
        for name in names where name != "join-timed-out-ended" {
            let isThere = page.contains("`\(name)`")
            #expect(isThere, "\(name)")
        }
    }

    /// What the page quotes is said somewhere.
    @Test func nothingElseIsThere() throws {
        let said = try Self.files.flatMap(Self.sentences).map(Self.words).joined(separator: "\n")
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") }.compactMap {
            $0.split(separator: " | ").first
        }
        let quotes = rows.flatMap { $0.matches(of: /"([^"]+)"/) }.map { String($0.1) }
        #expect(quotes.count > 50)
        for quote in quotes {
            let isSaid = said.contains(Self.gist(of: quote))
            #expect(isSaid, "\(quote)")
        }
    }

    /// String literals of some words.
    private static func sentences(in file: String) throws -> [String] {
        let text = try Checkout.text(file).replacing(/\\\n */, with: "")
        let lines = text.split(separator: "\n").filter { !$0.contains("##") && !$0.contains("///") }
        var isInText = false
        let literals = lines.flatMap { line -> [String] in
            if line.contains("\"\"\"") { isInText.toggle() }
            guard !isInText else { return [line.trimmingCharacters(in: .whitespaces)] }
            return line.matches(of: /"((?:[^"\\]|\\.)+)"/).map { String($0.1) }
        }
        return literals.filter { $0.count > 15 && $0.contains(/[a-z] [a-z]/) }
    }

    /// With one sign for each thing that is put in.
    private static func words(_ sentence: String) -> String {
        sentence.replacing(/\\\((?:[^()]|\([^()]*\))*\)|%[sd]|\\"|\b[A-Z]{4,}\b/, with: "…")
    }

    /// Its longest part without anything put in; a part ends where the sentence goes on with what helps.
    private static func gist(of sentence: String) -> String {
        let parts = words(sentence).split(separator: "…").map { $0.prefix { !";:,".contains($0) } }
        return (parts.max { $0.count < $1.count } ?? "").trimmingCharacters(in: .whitespaces)
    }
}
