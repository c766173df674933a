import Foundation
import Testing

/// The checkout these tests belong to.
enum Checkout {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
}

/// A Swift file of the product.
struct SourceFile {
    let module: String
    let path: String
    let lines: [String]
    /// The lines without comments and without what strings hold.
    let code: [String]
    /// The modules it imports.
    let imports: [String]

    /// Every Swift file of Sources and Signaling/Server.
    static let all: [SourceFile] = {
        let folders = ["Sources", "Signaling/Server"].flatMap { top -> [SourceFile] in
            let names = FileManager.default.enumerator(
                atPath: Checkout.root.appending(path: top).path(percentEncoded: false))
            return (names?.allObjects ?? []).compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted().map
            {
                SourceFile(
                    module: top == "Sources" ? String($0.prefix { $0 != "/" }) : "Signaling", path: "\(top)/\($0)")
            }
        }
        return folders
    }()

    private init(module: String, path: String) {
        self.module = module
        self.path = path
        lines = ((try? Checkout.text(path)) ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(
            String.init)
        // Made once for all lines: to make one takes far longer than to look for it.
        let text = #/"(?:\\.|[^"\\])*"/#
        let comment = #/\/\/.*/#
        let importing =
            #/^(?:@\w+ )*(?:public |internal |package |private |fileprivate )?import (?:\w+ )?(\w+)/#
        var isInText = false
        code = lines.map { line in
            let pieces = line.components(separatedBy: String(repeating: "\"", count: 3))
            defer { if pieces.count.isMultiple(of: 2) { isInText.toggle() } }
            guard pieces.count == 1, !isInText else { return "" }
            return line.replacing(text, with: "\"\"").replacing(comment, with: "")
        }
        imports = code.compactMap { $0.firstMatch(of: importing) }.map { String($0.1) }
    }

    /// `path:line` wherever the code matches.
    func places(of pattern: some RegexComponent) -> [String] {
        code.enumerated().filter { $0.element.contains(pattern) }.map { "\(path):\($0.offset + 1)" }
    }
}
