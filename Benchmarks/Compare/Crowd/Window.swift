import BenchmarkPlayers
import Primitives

/// Measures one span of time: what the processes under test and this one used in it.
struct Window {
    private let process: ObservedProcesses
    private let own: ObservedProcesses
    private let start = Clock.now
    private let used: Milliseconds
    private let usedHere: Milliseconds

    init(_ process: ObservedProcesses, _ own: ObservedProcesses) {
        self.process = process
        self.own = own
        used = process.processorTime
        usedHere = own.processorTime
    }

    func close(into measured: inout Measured) {
        measured.seconds = Clock.now.since(start).asSeconds
        measured.processor = process.processorTime.asSeconds - used.asSeconds
        measured.generator = own.processorTime.asSeconds - usedHere.asSeconds
        measured.resident = process.residentBytes
    }
}

extension Milliseconds {
    var asSeconds: Double { Double(nanoseconds) / 1_000_000_000 }
}
