import Primitives

enum PrimitivesBenchmarks {
    static let all = [
        MicroBenchmark(
            name: "primitives.arena", meaning: "a packet of 100 bytes put into an arena of 10, read and removed",
            parts: 10
        ) {
            var arena = PacketArena()
            var sum = 0
            return {
                counted {
                    for _ in 0..<10 { message.withUnsafeBytes { arena.append($0) } }
                    arena.forEach { sum += $0.count }
                    arena.removeAll()
                }
                expect(sum.isMultiple(of: 1000) && sum > 0, "The arena has lost a packet.")
            }
        }
    ]
}
