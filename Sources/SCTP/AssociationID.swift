/// What usrsctp knows an association by. No two of a process have the same, so that one that is gone is not taken for
/// another.
public struct AssociationID: Hashable, Sendable {
    /// Its place among the live ones, which another may have after it.
    public let index: Int
    private let generation: UInt32

    init(index: Int, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// Of an address that was made of one; nil of no other.
    init?(_ address: UnsafeMutableRawPointer?) {
        let bits = UInt(bitPattern: address)
        guard bits & Self.indexMask != 0 else { return nil }
        index = Int(bits & Self.indexMask) - 1
        generation = UInt32(truncatingIfNeeded: bits >> Self.indexBits)
    }

    /// Never null, and never followed.
    var address: UnsafeMutableRawPointer? {
        UnsafeMutableRawPointer(bitPattern: UInt(generation) << Self.indexBits | UInt(index + 1))
    }

    private static let indexBits: UInt = 32
    private static let indexMask: UInt = 1 << indexBits - 1
}

/// The live associations, found by their places.
struct AssociationTable {
    private struct Place {
        var generation: UInt32 = 0
        var association: Unmanaged<SCTPAssociation>?
    }

    private var places: [Place] = []
    private var free: [Int] = []

    var count: Int { places.count - free.count }

    /// It must be removed before it is freed.
    mutating func insert(_ association: SCTPAssociation) -> AssociationID {
        if free.isEmpty {
            places.append(Place())
            free.append(places.count - 1)
        }
        let index = free.removeLast()
        places[index].association = .passUnretained(association)
        return AssociationID(index: index, generation: places[index].generation)
    }

    mutating func remove(_ id: AssociationID) {
        guard self[id] != nil else { return }
        places[id.index] = Place(generation: places[id.index].generation &+ 1)
        free.append(id.index)
    }

    subscript(id: AssociationID) -> SCTPAssociation? {
        guard id.index < places.count, let association = places[id.index].association else { return nil }
        let current = AssociationID(index: id.index, generation: places[id.index].generation)
        return current == id ? association.takeUnretainedValue() : nil
    }
}
