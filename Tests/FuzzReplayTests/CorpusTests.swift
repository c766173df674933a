import Foundation
import FuzzTargets
import SimulationSupport
import Testing

/// Everything the fuzzers found worth keeping, in Fixtures/fuzz.
@Suite(.onTheSCTPStack) struct CorpusTests {
    private static let corpora = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/fuzz")

    private func files(of target: FuzzTarget) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(
            at: Self.corpora.appending(path: target.rawValue), includingPropertiesForKeys: nil
        ).sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    @Test(arguments: FuzzTarget.allCases) func everyFileHolds(target: FuzzTarget) throws {
        let files = try files(of: target)
        try #require(files.count >= 10)
        for file in files {
            let breach = target.breach(by: [UInt8](try Data(contentsOf: file)))
            #expect(breach?.description == nil, "\(target.rawValue)/\(file.lastPathComponent)")
        }
    }

    /// No bytes at all are bytes, too.
    @Test(arguments: FuzzTarget.allCases) func nothingHolds(target: FuzzTarget) {
        #expect(target.breach(by: [])?.description == nil)
    }
}
