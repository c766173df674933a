import Foundation
import Testing

/// Rules that every file keeps. What a formatter can see is `make lint`'s.
@Suite struct HabitTests {
    @Test func nothingTrapsWithoutASentence() {
        for file in SourceFile.all {
            #expect(
                file.places(of: #/\btry!|\bfatalError\(|\bas! |\bassert(?:ionFailure)?\(|\bunsafeBitCast\(/#).isEmpty)
        }
    }

    @Test func onlyTheCommandPrints() {
        for file in SourceFile.all where file.module != "torii" {
            #expect(file.places(of: #/(?:^|[^\w.])(?:print|debugPrint|dump|puts|printf)\(/#).isEmpty)
        }
    }

    @Test func nothingIsLeftForLater() {
        let later = #/\b(?:TODO|FIXME|XXX|HACK)\b/#
        for file in SourceFile.all {
            #expect(file.lines.filter { $0.contains(later) }.isEmpty, "\(file.path)")
        }
    }

    @Test func filesAreShort() {
        for file in SourceFile.all {
            #expect(file.lines.count <= 400, "\(file.path)")
        }
    }

    @Test func noNameSaysNothing() {
        let vague =
            #/\b(?:struct|class|enum|actor|protocol|typealias) (\w*(?:Manager|Util|Utils|Helper|Helpers|Common))\b/#
        for file in SourceFile.all {
            #expect(file.places(of: vague).isEmpty)
        }
    }

    /// A path of the machine it was written on.
    @Test(.enabled(if: Self.trackedFiles != nil, "not a git checkout")) func noFileKnowsOneMachine() throws {
        let machine = #/(?:^|[^\w.$}\])*?-])/(?:work|tmp|root|home)/\w/#
        for path in Self.trackedFiles ?? [] {
            guard let text = try? Checkout.text(path) else { continue }
            for line in text.split(separator: "\n") where line.contains(machine) {
                // Godot's scene tree begins at a node named root.
                #expect(path.hasSuffix(".gd") && line.contains("root/World"), "\(path): \(line)")
            }
        }
    }

    @Test(.enabled(if: Self.trackedFiles != nil, "not a git checkout")) func nothingThatARunLeavesIsTracked() {
        let left = Self.trackedFiles?.filter { $0.hasSuffix(".log") || $0.hasSuffix(".o") || $0.hasPrefix(".build/") }
        #expect(left == [])
    }

    private static let trackedFiles: [String]? = {
        let git = Process()
        let output = Pipe()
        git.executableURL = URL(filePath: "/usr/bin/env")
        git.arguments = ["git", "-C", Checkout.root.path(percentEncoded: false), "ls-files", "-z"]
        git.standardOutput = output
        git.standardError = FileHandle.nullDevice
        guard (try? git.run()) != nil else { return nil }
        let names = output.fileHandleForReading.readDataToEndOfFile().split(separator: 0)
        git.waitUntilExit()
        return git.terminationStatus == 0 ? names.map { String(decoding: $0, as: UTF8.self) } : nil
    }()
}
