extension FastLZ {
    // Our choice.
    /// Of the hash table, as a power of two: small enough to be cleared for each datagram.
    private static let tableBits = 11

    /// Writes a block of level 1.
    ///
    /// - Returns: The bytes used; nil when they do not fit. Sources from 64 KiB on are refused.
    static func compress(_ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Int? {
        guard source.count <= Int(UInt16.max) else { return nil }
        return withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 1 << tableBits) { latest in
            // Where three bytes of this hash were last seen. A wrong place is noticed, so any is good to begin with.
            latest.initialize(repeating: 0)
            var block = Block(room: room, count: 0)
            var literalsFrom = 0
            // A block begins with literals.
            var position = 2
            while position + shortestMatch <= source.count {
                let hash = hash(source, position)
                let distance = position - Int(latest[hash])
                latest[hash] = UInt16(position)
                let length = matchLength(source, position, distance)
                guard length >= shortestMatch else {
                    position += 1
                    continue
                }
                guard block.append(literals: source[literalsFrom..<position]), block.append(length, distance) else {
                    return nil
                }
                position += length
                literalsFrom = position
            }
            return block.append(literals: source[literalsFrom...]) ? block.count : nil
        }
    }

    private static func hash(_ source: UnsafeRawBufferPointer, _ position: Int) -> Int {
        let three = UInt32(source[position]) | UInt32(source[position + 1]) << 8 | UInt32(source[position + 2]) << 16
        // Knuth's multiplier, 2^32 by the golden ratio: its high bits depend on all three bytes.
        return Int((three &* 2_654_435_769) >> UInt32(32 - tableBits))
    }

    /// How many bytes from `position` on are those `distance` before.
    private static func matchLength(_ source: UnsafeRawBufferPointer, _ position: Int, _ distance: Int) -> Int {
        guard (1...largestDistance).contains(distance) else { return 0 }
        let limit = min(longestMatch, source.count - position)
        var length = 0
        while length < limit, source[position + length] == source[position + length - distance] {
            length += 1
        }
        return length
    }

    /// What has been written.
    private struct Block {
        let room: UnsafeMutableRawBufferPointer
        var count: Int

        /// False when they do not fit.
        mutating func append(literals: Slice<UnsafeRawBufferPointer>) -> Bool {
            var rest = literals
            while !rest.isEmpty {
                let run = rest.prefix(longestLiterals)
                guard run.count < room.count - count else { return false }
                room[count] = UInt8(run.count - 1)
                UnsafeMutableRawBufferPointer(rebasing: room[(count + 1)...]).copyBytes(from: run)
                count += 1 + run.count
                rest = rest.dropFirst(run.count)
            }
            return true
        }

        mutating func append(_ length: Int, _ distance: Int) -> Bool {
            let isLong = length >= firstLongMatch
            guard room.count - count >= (isLong ? 3 : 2) else { return false }
            put(UInt8(isLong ? 7 : length - shortestMatch + 1) << 5 | UInt8((distance - 1) >> 8))
            if isLong { put(UInt8(length - firstLongMatch)) }
            put(UInt8((distance - 1) & 0xFF))
            return true
        }

        private mutating func put(_ byte: UInt8) {
            room[count] = byte
            count += 1
        }
    }
}
