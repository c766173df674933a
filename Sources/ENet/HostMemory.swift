import CENet
import Glibc

/// Memory for libenet's hosts, which are three quarters buffers: two, each as large as a datagram can be.
///
/// A host lies so that its buffers begin with a page. The first takes what arrives, and is needed all the time; the second
/// is for what was compressed, and its page is the system's again until then. What a host has before and after its buffers
/// shares a page with its neighbours'. So most have two pages of their own, where malloc would give them nearly three.
///
/// It is kept by the hosts that are in it, all of one thread.
public final class HostMemory {
    /// What libenet asks for when it makes a host. If it wants as much for something else, that is as well off here.
    static let hostSize = MemoryLayout<ENetHost>.size
    /// Whether this system's pages are of a size that suits.
    static let isOfUse = bufferSize.isMultiple(of: page) && header + buffers + (hostSize - buffersEnd) <= page

    private static let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    private static let header = SocketLayer.blockHeader
    private static let buffers = Int(torii_enet_packet_data_offset)
    private static let bufferSize = Int(ENET_PROTOCOL_MAXIMUM_MTU)
    private static let buffersEnd = buffers + 2 * bufferSize
    /// From one host to the next.
    private static let stride = page + 2 * bufferSize
    /// How many hosts are asked for at once from the system.
    private static let hostsOfPiece = UInt64.bitWidth
    /// The page after the last one is for what it has after its buffers.
    private static let pieceSize = hostsOfPiece * stride + page

    private struct Piece {
        let start: UnsafeMutableRawPointer
        /// A bit for each place where no host is.
        var free = UInt64.max
    }

    private var pieces: [Piece] = []

    public init() {}

    deinit {
        for piece in pieces { munmap(piece.start, Self.pieceSize) }
    }

    /// A place for a host and the header before it; nil when the system has none.
    func take() -> UnsafeMutableRawPointer? {
        guard let index = pieces.firstIndex(where: { $0.free != 0 }) ?? addPiece() else { return nil }
        let place = pieces[index].free.trailingZeroBitCount
        pieces[index].free &= ~(1 << place)
        return pieces[index].start + place * Self.stride + Self.page - Self.buffers - Self.header
    }

    /// The other way, with what `take` returned.
    func giveBack(_ block: UnsafeMutableRawPointer) {
        guard let index = pieces.firstIndex(where: { $0.start < block && block < $0.start + Self.pieceSize }) else {
            preconditionFailure("What is given back was never taken.")
        }
        pieces[index].free |= 1 << ((block - pieces[index].start) / Self.stride)
        // One is kept: it may be needed at once.
        if pieces[index].free == .max, pieces.count > 1 {
            munmap(pieces.remove(at: index).start, Self.pieceSize)
        } else {
            madvise(block + Self.header + Self.buffers, 2 * Self.bufferSize, MADV_DONTNEED)
        }
    }

    private func addPiece() -> Int? {
        let start = mmap(nil, Self.pieceSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let start, start != MAP_FAILED else { return nil }
        pieces.append(Piece(start: start))
        return pieces.count - 1
    }

    /// Gives the system the pages of the second buffer, which libenet has cleared; they are back when they are touched.
    static func giveUpSecondBuffer(of host: UnsafeMutablePointer<ENetHost>) {
        madvise(UnsafeMutableRawPointer(host) + buffers + bufferSize, bufferSize, MADV_DONTNEED)
    }
}
