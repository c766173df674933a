import Glibc
import Logging
import Testing

@testable import Operations

/// Where the log goes, when that takes no more: whoever logs does not wait.
@Suite(.timeLimit(.minutes(1))) struct LogDescriptorTests {
    /// A pipe that is read when a test says so.
    private struct Reader: ~Copyable {
        let reading: Int32
        let writing: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            try #require(pipe(&ends) == 0)
            (reading, writing) = (ends[0], ends[1])
        }

        deinit {
            close(reading)
            close(writing)
        }

        /// What is there now.
        func text() -> String {
            var text: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            var waiting: Int32 = 0
            while ioctl(reading, UInt(FIONREAD), &waiting) == 0, waiting > 0 {
                let count = read(reading, &buffer, buffer.count)
                text += buffer.prefix(count)
            }
            return String(decoding: text, as: UTF8.self)
        }
    }

    private func log(_ count: Int, of message: String, to output: LogOutput) {
        let logger = Logger(label: "x") { _ in LineLogHandler(output: output) }
        for number in 0..<count { logger.notice("\(message)", metadata: ["number": "\(number)"]) }
    }

    @Test(arguments: [(10, 2_000), (3_000, 60), (10_000, 20)])
    func nobodyWaitsForWhoReads(length: Int, count: Int) throws {
        let reader = try Reader()
        let output = LogOutput(to: reader.writing)
        let message = String(repeating: "x", count: length)
        log(count, of: message, to: output)
        let first = reader.text().split(separator: "\n")
        #expect(first.count > 3 && first.count < count)
        log(2, of: "short", to: output)
        // A line that was cut is not mixed with the next.
        let then = reader.text().split(separator: "\n")
        #expect(then.suffix(2).allSatisfy { $0.contains(" notice short number=") })
        let gap = try #require(then.dropLast(2).last)
        let told = try #require(gap.firstMatch(of: #/^\S+ warning lines could not be written lines=(\d+)$/#)?.1)
        let whole = first.count { $0.contains(" notice \(message) number=") }
        #expect(Int(told) == count - whole)
    }

    /// A full disk, and a reader that is gone.
    @Test func whatCannotBeWrittenIsCounted() throws {
        let full = open("/dev/full", O_WRONLY)
        try #require(full >= 0)
        defer { close(full) }
        var descriptor = LogDescriptor(full)
        for _ in 0..<3 { descriptor.write(["one", "two"]) { _ in "gap" } }
        #expect(descriptor.unwritten == 6)

        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        var gone = LogDescriptor(ends[1])
        gone.write(["one"]) { _ in "gap" }
        #expect(gone.unwritten == 1)
    }
}
