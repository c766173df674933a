import CENet
import Primitives

/// What one host's socket, clock and memory are: datagrams waiting on either side of libenet, the time it is told, and
/// how many bytes it may hold.
final class HostPort {
    /// libenet serves 256 datagrams in one call. One less, and it looks for another before it sends anything.
    static let maximumStagedDatagrams = 255
    /// Our choice: bytes of datagrams, decompressed, that are kept before libenet is served.
    static let maximumStagedBytes = 64 * 1024
    /// libenet's receive buffer: a longer datagram cannot be one of its own.
    static let maximumDatagramSize = Int(ENET_PROTOCOL_MAXIMUM_MTU)
    /// The address a client's only peer goes by (127.0.0.1 port 9, discard): the owner knows the real one.
    static let serverPlaceholder = ENetAddress(host: UInt32(0x7F00_0001).bigEndian, port: 9)

    /// Milliseconds, libenet's way: 32 bits that wrap around.
    var time: UInt32 = 0
    /// How often libenet asked for the time.
    private(set) var clockReads = 0

    /// The most bytes libenet may have allocated for this host at once. Beyond it libenet is refused memory: it then
    /// drops what it was about to keep, unacknowledged.
    let memoryLimit: Int
    var allocatedBytes = 0
    var remainingMemory: Int { memoryLimit - allocatedBytes }

    /// Datagrams libenet sent, oldest first.
    var outgoing = PacketArena(keptBytes: PacketArena.keptBytesOfSession)
    /// Where they go, one for each; empty when `recordsDestinations` is false.
    var destinations: [ENetAddress] = []
    let recordsDestinations: Bool
    /// Where the host itself lies; where malloc has it without.
    let hostMemory: HostMemory?

    let compression: Compression
    /// Whether what libenet sends is compressed. What arrives is read either way.
    var compresses = false

    /// Runs before libenet takes each datagram, and once more when none is left: libenet has then finished with the
    /// datagram before, and its event queue may be emptied.
    var beforeNextDatagram: (() -> Void)?

    private var incoming = PacketArena(keptBytes: PacketArena.keptBytesOfSession)
    private var sources: [ENetAddress] = []
    private var taken = 0

    init(
        memoryLimit: Int, compression: Compression = .none, recordsDestinations: Bool = false,
        hostMemory: HostMemory? = nil
    ) {
        self.hostMemory = hostMemory
        self.memoryLimit = memoryLimit
        self.compression = compression
        self.recordsDestinations = recordsDestinations
    }

    var hasStaged: Bool { taken < incoming.count }

    /// Keeps a datagram until libenet is next served, or says why it cannot be one of libenet's.
    func stage(_ datagram: UnsafeRawBufferPointer, from source: ENetAddress) throws(DropReason) {
        guard datagram.count > 0 else { throw .datagramEmpty }
        guard datagram.count <= Self.maximumDatagramSize else { throw .serverDatagramTruncated }
        if let header = DatagramHeader(datagram), header.isCompressed {
            let staged = incoming.count
            incoming.append(capacity: Self.maximumDatagramSize) { compression.restore(datagram, header, into: $0) }
            guard incoming.count > staged else { throw .serverDatagramCompressed }
        } else {
            incoming.append(datagram)
        }
        sources.append(source)
    }

    var isStageFull: Bool {
        incoming.count >= Self.maximumStagedDatagrams || incoming.byteCount >= Self.maximumStagedBytes
    }

    func discardStaged() {
        incoming.removeAll()
        sources.removeAll(keepingCapacity: true)
        taken = 0
    }

    func readClock() -> UInt32 {
        clockReads &+= 1
        return time
    }

    func send(_ buffers: UnsafeBufferPointer<ENetBuffer>, to destination: ENetAddress) -> Int32 {
        let total = buffers.reduce(0) { $0 + $1.dataLength }
        outgoing.append(capacity: total) { room in
            var offset = 0
            for buffer in buffers {
                let bytes = UnsafeRawBufferPointer(start: buffer.data, count: buffer.dataLength)
                UnsafeMutableRawBufferPointer(rebasing: room[offset...]).copyMemory(from: bytes)
                offset += bytes.count
            }
            return compresses ? compression.shorten(UnsafeMutableRawBufferPointer(rebasing: room[..<total])) : total
        }
        if recordsDestinations {
            destinations.append(destination)
        }
        return Int32(total)
    }

    func receive(into room: UnsafeMutableRawBufferPointer, from source: UnsafeMutablePointer<ENetAddress>?) -> Int32 {
        beforeNextDatagram?()
        guard hasStaged else {
            discardStaged()
            return 0
        }
        defer { taken += 1 }
        source?.pointee = sources[taken]
        return incoming.withPacket(taken) { datagram in
            guard datagram.count <= room.count else { return 0 }
            room.copyMemory(from: datagram)
            return Int32(datagram.count)
        }
    }
}
