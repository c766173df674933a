import Primitives

extension FastLZ {
    /// - Returns: The bytes used; nil when `source` is no block of FastLZ, or its contents have no room.
    static func decompress(_ source: UnsafeRawBufferPointer, into room: UnsafeMutableRawBufferPointer) -> Int? {
        var reader = ByteReader(source)
        guard let tag = reader.readUInt8(), tag >> 5 <= 1 else { return nil }
        var output = Output(room: room, count: 0)
        var next: UInt8? = tag & 0x1F
        while let opcode = next {
            let isDone =
                opcode >> 5 == 0
                ? output.append(reader.readBytes(Int(opcode) + 1))
                : output.append(tag >> 5 == 0 ? near(opcode, &reader) : far(opcode, &reader))
            guard isDone else { return nil }
            next = reader.readUInt8()
        }
        return output.count
    }

    /// Bytes to be copied from earlier output.
    private struct Match {
        let length: Int
        /// 1 is the last byte written.
        let distance: Int
    }

    /// Level 1.
    private static func near(_ opcode: UInt8, _ reader: inout ByteReader) -> Match? {
        var length = Int(opcode >> 5) + shortestMatch - 1
        if length == firstLongMatch {
            guard let more = reader.readUInt8() else { return nil }
            length += Int(more)
        }
        guard let low = reader.readUInt8() else { return nil }
        return Match(length: length, distance: Int(opcode & 0x1F) << 8 + Int(low) + 1)
    }

    /// Level 2.
    private static func far(_ opcode: UInt8, _ reader: inout ByteReader) -> Match? {
        var length = Int(opcode >> 5) + shortestMatch - 1
        if length == firstLongMatch {
            var more: UInt8
            repeat {
                guard let byte = reader.readUInt8() else { return nil }
                more = byte
                length += Int(more)
            } while more == 0xFF
        }
        guard let low = reader.readUInt8() else { return nil }
        let distance = Int(opcode & 0x1F) << 8 + Int(low) + 1
        guard distance == largestDistance else { return Match(length: length, distance: distance) }
        guard let further = reader.readUInt16() else { return nil }
        return Match(length: length, distance: distance + Int(further))
    }

    /// What has been made of the block so far.
    private struct Output {
        let room: UnsafeMutableRawBufferPointer
        var count: Int

        /// False when there is nothing to append, or no room for it.
        mutating func append(_ literals: UnsafeRawBufferPointer?) -> Bool {
            guard let literals, literals.count <= room.count - count else { return false }
            UnsafeMutableRawBufferPointer(rebasing: room[count...]).copyMemory(from: literals)
            count += literals.count
            return true
        }

        /// The same; false too when it would begin before the first byte.
        mutating func append(_ match: Match?) -> Bool {
            guard let match, match.distance <= count, match.length <= room.count - count else { return false }
            // Byte by byte: a match may reach into what it makes.
            for position in count..<count + match.length {
                room[position] = room[position - match.distance]
            }
            count += match.length
            return true
        }
    }
}
