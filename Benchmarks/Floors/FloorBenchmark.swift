/// What each floor costs by itself, one operation at a time, for a tool that counts instructions (Benchmarks/floors).
///
/// Without arguments it prints the benchmarks, a line each: name, rounds, parts of a round, meaning. With the name of one and a
/// number it runs so many rounds of it.
@main enum FloorBenchmark {
    private static let all =
        PrimitivesBenchmarks.all + STUNBenchmarks.all + SDPBenchmarks.all + DTLSBenchmarks.all + SCTPBenchmarks.all
        + DataChannelBenchmarks.all + ENetBenchmarks.all + ImpairmentBenchmarks.all + JOSEBenchmarks.all
        + TLSBenchmarks.all + CaptureBenchmarks.all + ICEBenchmarks.all + BridgeBenchmarks.all + WebRTCBenchmarks.all
        + GatewayBenchmarks.all

    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let name = arguments.first else {
            for benchmark in all {
                print(benchmark.name, benchmark.rounds, benchmark.parts, benchmark.meaning, separator: "\t")
            }
            return
        }
        guard let benchmark = all.first(where: { $0.name == name }), let rounds = arguments.last.flatMap({ Int($0) })
        else {
            preconditionFailure("usage: BenchmarkFloors [NAME ROUNDS]")
        }
        let round = try benchmark.prepare()
        for _ in 0..<rounds { try round() }
    }
}

/// One operation of one floor.
struct MicroBenchmark: Sendable {
    let name: String
    /// What is counted.
    let meaning: String
    /// After so many, what is made once is made, and as many again give a mean.
    var rounds = 500
    /// Operations in a round.
    var parts = 1
    /// Makes all that a round needs. A round gives what shall be counted to `counted`.
    let prepare: @Sendable () throws -> () throws -> Void
}

/// What is counted: the tool looks for the name.
@inline(never) func counted(_ body: () -> Void) {
    body()
}

/// What an operation must have led to, or its figure would be another's.
func expect(_ condition: Bool, _ sentence: String) {
    precondition(condition, sentence)
}
