import BenchmarkPlayers
import Primitives
import SimulationSupport

/// What happens to datagrams, each way, in thousandths.
struct FaultRates {
    var lost = 0
    var twice = 0
    /// Let go only when later ones have passed.
    var late = 0
    /// With one byte of another value.
    var changed = 0

    static let none = FaultRates()
    static let some = FaultRates(lost: 10, twice: 5, late: 5, changed: 1)
    static let many = FaultRates(lost: 50, twice: 20, late: 30, changed: 10)
}

/// How a player's datagrams reach the gateway.
protocol Way: AnyObject {
    var descriptor: Int32 { get }
    func send(_ datagram: [UInt8], at now: Instant)
    /// Calls `body` with what has come.
    func receive(at now: Instant, _ body: ([UInt8]) -> Void)
    /// Lets go what was held; `body` is as for `receive`.
    func release(at now: Instant, _ body: ([UInt8]) -> Void)
}

/// UDP, as bad as it is told.
final class DatagramWay: Way {
    private let socket: PlayerSocket
    private let rates: FaultRates
    private var random: SeededRandom
    private var lateOut: [(due: Instant, bytes: [UInt8])] = []
    private var lateIn: [(due: Instant, bytes: [UInt8])] = []
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 8)

    init(to gateway: TransportAddress, _ rates: FaultRates, seed: UInt64) throws {
        socket = try PlayerSocket(to: gateway)
        self.rates = rates
        random = SeededRandom(seed: seed)
    }

    deinit { buffer.deallocate() }

    var descriptor: Int32 { socket.descriptor }

    func send(_ datagram: [UInt8], at now: Instant) {
        for bytes in fate(of: datagram, holding: &lateOut, at: now) { bytes.withUnsafeBytes { socket.send($0) } }
    }

    func receive(at now: Instant, _ body: ([UInt8]) -> Void) {
        while let datagram = socket.receive(into: buffer) {
            fate(of: Array(datagram), holding: &lateIn, at: now).forEach(body)
        }
    }

    func release(at now: Instant, _ body: ([UInt8]) -> Void) {
        for bytes in Self.due(&lateOut, at: now) { bytes.withUnsafeBytes { socket.send($0) } }
        Self.due(&lateIn, at: now).forEach(body)
    }

    /// What arrives of it now.
    private func fate(
        of datagram: [UInt8], holding late: inout [(due: Instant, bytes: [UInt8])], at now: Instant
    ) -> [[UInt8]] {
        guard !random.chance(perMille: rates.lost) else { return [] }
        var bytes = datagram
        if random.chance(perMille: rates.changed), !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &random)
            bytes[place] ^= UInt8.random(in: 1...255, using: &random)
        }
        guard !random.chance(perMille: rates.late) else {
            late.append((now + Milliseconds(UInt64.random(in: 5...60, using: &random)), bytes))
            return []
        }
        return random.chance(perMille: rates.twice) ? [bytes, bytes] : [bytes]
    }

    private static func due(_ late: inout [(due: Instant, bytes: [UInt8])], at now: Instant) -> [[UInt8]] {
        guard !late.isEmpty else { return [] }
        let due = late.filter { $0.due <= now }.map(\.bytes)
        late.removeAll { $0.due <= now }
        return due
    }
}
