import Foundation
import Testing

/// `--help` says everything about every option that is declared.
@Suite(.timeLimit(.minutes(2))) struct HelpTests {
    /// What the argument parser tells about the options that the command declares.
    private struct Tool: Decodable {
        let command: Command
    }

    private struct Command: Decodable {
        let commandName: String
        let abstract: String?
        let subcommands: [Command]?
        let arguments: [Argument]?
    }

    private struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String
        }

        let preferredName: Name?
        let abstract: String?
        let valueName: String?
        let defaultValue: String?
        let isRepeating: Bool
    }

    @Test(arguments: ["serve", "demo", "config"]) func everyOptionHasASentenceAndItsDefault(name: String) async throws {
        let command = try #require(await commands().first { $0.commandName == name })
        let help = try await ToriiProcess.run([name, "--help"])
        #expect(help.status == 0)
        #expect(help.errors.isEmpty)
        let text = help.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let options = command.arguments?.filter { !["help", "version"].contains($0.preferredName?.name) } ?? []
        #expect(options.count >= 6)
        for option in options {
            let shown = "--\(option.preferredName?.name ?? "?") <\(option.valueName ?? "?")>"
            let sentence = try #require(option.abstract, "\(shown) has no help")
            #expect(text.contains("\(shown) \(sentence)"))
            #expect(sentence.hasSuffix(".") || sentence.hasSuffix(")"), "\(shown): \(sentence)")
            #expect(option.valueName?.contains("-") == false, "\(shown): say what kind of value it takes")
            if option.isRepeating {
                #expect(sentence.contains("may be repeated"), "\(shown)")
            } else if let value = option.defaultValue {
                #expect(text.contains("\(sentence) (default: \(value))"))
            } else {
                #expect(sentence.contains("(default: "), "\(shown) does not say what happens without it")
            }
        }
    }

    /// Deploy/configuration.md has the table of settings, which another test holds to the program's.
    @Test func theFlagsAreThoseOfTheTable() async throws {
        let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "Deploy/configuration.md"), encoding: .utf8)
        let documented = page.matches(of: #/(?m)^\| `[a-z-]+` \| `(--[a-z-]+)` \|/#).map { String($0.1) }
        for (name, more) in [("serve", ["--config"]), ("config", ["--config"]), ("demo", ["--game-port"])] {
            let command = try #require(await commands().first { $0.commandName == name })
            let flags = command.arguments?.compactMap { $0.preferredName.map { "--\($0.name)" } } ?? []
            let expected = documented.filter { name != "demo" || $0 != "--route" } + more + ["--help", "--version"]
            #expect(Set(flags) == Set(expected), "\(name)")
        }
    }

    @Test func theCommandItselfNamesItsSubcommands() async throws {
        let help = try await ToriiProcess.run(["--help"])
        #expect(help.status == 0)
        for command in try await commands() {
            #expect(help.output.contains("  \(command.commandName) "))
            #expect(command.abstract?.hasSuffix(".") == true)
        }
    }

    /// The same as metrics name.
    @Test func theVersionIsTold() async throws {
        let version = try await ToriiProcess.run(["--version"])
        #expect(version.status == 0)
        #expect(version.output.wholeMatch(of: #/\d+\.\d+\.\d+\n/#) != nil)
    }

    private func commands() async throws -> [Command] {
        let dump = try await ToriiProcess.run(["--experimental-dump-help"])
        let tool = try JSONDecoder().decode(Tool.self, from: Data(dump.output.utf8))
        return tool.command.subcommands?.filter { $0.commandName != "help" } ?? []
    }
}
