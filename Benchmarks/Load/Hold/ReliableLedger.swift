import BenchmarkPlayers

/// One player's reliable messages, which come back from the server: each once, in order and unchanged.
///
/// A message begins with its number and its player's, both little-endian in 32 bits; the rest follows from the number.
struct ReliableLedger {
    /// What came back otherwise than it should.
    struct Faults {
        var lost = 0
        var twice = 0
        var outOfOrder = 0
        var changed = 0
        /// Not back when nobody waited for them any more.
        var overdue = 0

        static func += (total: inout Faults, more: Faults) {
            total.lost += more.lost
            total.twice += more.twice
            total.outOfOrder += more.outOfOrder
            total.changed += more.changed
            total.overdue += more.overdue
        }
    }

    static let headerSize = 8
    private let player: UInt32
    private var sizes: [UInt32] = []
    private var expected = 0
    private var missing: Set<Int> = []
    private(set) var faults = Faults()
    private(set) var arrived = 0

    init(player: Int) { self.player = UInt32(player) }

    var sent: Int { sizes.count }
    /// Sent, and neither back nor known to be lost.
    var underWay: Int { sizes.count - expected }

    /// - Parameter size: at least `headerSize`.
    mutating func next(size: Int) -> [UInt8] {
        sizes.append(UInt32(size))
        return content(of: sizes.count - 1)
    }

    mutating func receive(_ bytes: [UInt8]) {
        let number = bytes.count < Self.headerSize ? sizes.count : Int(LittleEndian.read32(bytes, at: 0))
        guard number < sizes.count, content(of: number) == bytes else {
            faults.changed += 1
            return
        }
        arrived += 1
        if missing.remove(number) != nil {
            faults.lost -= 1
            faults.outOfOrder += 1
        } else if number < expected {
            faults.twice += 1
        } else {
            faults.lost += number - expected
            missing.formUnion(expected..<number)
            expected = number + 1
        }
    }

    /// What is under way is waited for no longer.
    mutating func giveUp() {
        faults.overdue += underWay
        expected = sizes.count
    }

    private func content(of number: Int) -> [UInt8] {
        LittleEndian.bytes(UInt32(number)) + LittleEndian.bytes(player) + filling(of: number)
    }

    private func filling(of number: Int) -> ArraySlice<UInt8> {
        let start = number % Self.period
        return Self.pattern[start..<start + Int(sizes[number]) - Self.headerSize]
    }

    // A prime, so that pieces of a message cut to powers of two are unlike each other.
    private static let period = 251
    static let maximumSize = 262_144
    private static let pattern = (0..<period + maximumSize).map { UInt8($0 % period) }
}

enum LittleEndian {
    static func bytes(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

    static func read32(_ bytes: [UInt8], at offset: Int) -> UInt32 {
        UInt32(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) })
    }
}
