import Foundation
import Testing

/// What players cost in memory, measured by `JoinMemory` in a process of its own, which knows the limits;
/// `Tests/Simulation/memory` measures as many as one likes.
@Suite(.timeLimit(.minutes(2))) struct MemoryTests {
    @Test func playersWhoComeAndGoLeaveNothing() async throws {
        let outcome = try await run("leave", 400)
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output.contains("after 400 more: "), "\(outcome.output)")
    }

    @Test func aJoinThatWaitsCostsLittle() async throws {
        let outcome = try await run("wait", 200)
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output.contains("with SNAP: "), "\(outcome.output)")
    }

    @Test func dtlsToAServerCostsWhatIsKnown() async throws {
        let outcome = try await run("secured", 100)
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output.contains("bytes a connection"), "\(outcome.output)")
    }

    @Test func aSessionThatSaysNothingCostsLittle() async throws {
        let outcome = try await run("idle", 40)
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output.contains("as DTLS's server: "), "\(outcome.output)")
    }

    /// However hostile both sides are, a machine can be made large enough for so many sessions.
    @Test func aSessionThatIsFullCostsWhatIsKnown() async throws {
        let outcome = try await run("full", 4)
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output.contains("with messages of 60000 bytes: "), "\(outcome.output)")
    }

    private func run(_ what: String, _ count: Int) async throws -> (status: Int32, output: String) {
        // The build lays all executables beside the tests' own.
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let program = tests.deletingLastPathComponent().appending(path: "JoinMemory").path(percentEncoded: false)
        let process = Process()
        let output = Pipe()
        // It ends even if this program is killed.
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["timeout", "--signal=KILL", "100", program, what, "\(count)"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        // On a thread of its own: those that tests run on are few.
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let text = output.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                continuation.resume(returning: (process.terminationStatus, String(decoding: text, as: UTF8.self)))
            }
        }
    }
}
