import Glibc
import Primitives

/// All TCP connections of browsers: accepted, bounded, read as datagrams, written without ever waiting.
///
/// A connection is nothing to the core before a valid check arrived on it. It ends when its session does, when the
/// browser or the network ends it, or for one of the `tcp…` drop reasons.
final class TCPConnections {
    private(set) var drops = DropCounters()
    private let listener: TCPListener
    private let poll: EventPoll
    /// New ones hold for what begins after.
    var limits: TCPLimits
    private var connections: [TCPConnectionID: TCPConnection] = [:]
    /// Oldest first.
    private var unproven: [TCPConnectionID] = []
    private var unprovenBySource: [TransportAddress: Int] = [:]
    private var finishing = 0
    private var appended: [TCPConnection] = []
    /// Those whose browser has shown something else than it should; they end when all is written.
    private var refused: [TCPConnectionID] = []
    private var lost: [Path] = []
    private var lastNumber: UInt64 = 0
    private var acceptsAgain: Instant?
    /// Not after the first deadline of all.
    private var nextSweep: Instant?
    private var lastSweep = Instant.zero
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: readSize, alignment: 16)

    // Our choice.
    /// Connections accepted before other work gets its turn.
    private static let acceptsPerTurn = 64
    /// Bytes read from one connection before the others get their turn.
    private static let readSize = 64 * 1024
    /// The least time between two looks at all connections' deadlines.
    private static let sweepInterval: Milliseconds = 100

    init(listener: TCPListener, poll: EventPoll, limits: TCPLimits) throws(NetworkError) {
        self.listener = listener
        self.poll = poll
        self.limits = limits
        try poll.watch(listener.descriptor, as: .listener)
    }

    deinit {
        buffer.deallocate()
    }

    var count: Int { connections.count }
    var unprovenCount: Int { unproven.count }
    /// Whether last words are still being written or read.
    var hasFarewells: Bool { finishing > 0 }
    var hasLost: Bool { !lost.isEmpty }

    /// When `advance(to:)` wants to be called.
    var nextDeadline: Instant? {
        .earlier(nextSweep.map { max($0, lastSweep + Self.sweepInterval) }, acceptsAgain)
    }

    /// Paths that carried a session and are gone since the last call.
    func takeLost() -> [Path] {
        defer { lost.removeAll() }
        return lost
    }

    // MARK: - Accepting

    func accept(at now: Instant) {
        for _ in 0..<Self.acceptsPerTurn {
            switch listener.accept() {
            case .connection(let socket, let address): admit(socket, from: address, at: now)
            case .broken: continue
            case .nothing: return
            case .exhausted:
                // What waits would be reported again at once, and as often as it is asked for.
                poll.watch(listener.descriptor, as: .listener, isReading: false)
                acceptsAgain = now + limits.pauseTimeout
                return
            }
        }
    }

    private func admit(_ socket: TCPSocket, from address: TransportAddress, at now: Instant) {
        lastNumber += 1
        let connection = TCPConnection(id: TCPConnectionID(number: lastNumber), socket: socket, from: address)
        guard connections.count < limits.connections,
            unprovenBySource[connection.source, default: 0] < limits.unprovenPerSource
        else { return drops.count(.tcpConnectionRefused) }
        if unproven.count >= limits.unproven, let oldest = connections[unproven[0]] {
            end(oldest, .tcpConnectionDisplaced)
        }
        do throws(NetworkError) {
            try poll.watch(socket.descriptor, as: .connection(connection.id))
        } catch {
            return drops.count(.tcpConnectionRefused)
        }
        connections[connection.id] = connection
        unproven.append(connection.id)
        unprovenBySource[connection.source, default: 0] += 1
        connection.phaseDeadline = now + limits.checkTimeout
        note(connection.phaseDeadline)
    }

    private func noLongerUnproven(_ connection: TCPConnection) {
        unproven.removeAll { $0 == connection.id }
        let others = unprovenBySource[connection.source, default: 1] - 1
        unprovenBySource[connection.source] = others > 0 ? others : nil
    }

    // MARK: - Reading

    /// Reads once, and calls `receive` with each datagram, which tells whether a browser has shown itself on that path.
    func read(_ id: TCPConnectionID, at now: Instant, _ receive: (UnsafeRawBufferPointer, Path) -> Bool) {
        guard let connection = connections[id] else { return }
        switch connection.socket.read(into: buffer) {
        case .nothing: return
        case .ended: end(connection)
        case .bytes(let count):
            guard connection.phase != .finishing else { return }
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            let reason = connection.decoder.receive(bytes) { frame in
                let isProven = receive(frame, connection.path)
                if !isProven {
                    // No valid check; the core has counted why. Its answer, if there is one, still goes.
                    refused.append(id)
                } else if connection.phase == .unproven {
                    prove(connection)
                }
                return isProven
            }
            if let reason { end(connection, reason) }
        }
    }

    private func prove(_ connection: TCPConnection) {
        noLongerUnproven(connection)
        connection.phase = .carrying
        connection.phaseDeadline = nil
    }

    // MARK: - Writing

    /// Adds a datagram to what waits for the browser.
    func append(_ datagram: UnsafeRawBufferPointer, to id: TCPConnectionID) {
        guard let connection = connections[id], connection.phase != .finishing else { return }
        guard connection.output.append(datagram) else { return drops.count(.tcpQueueFull) }
        guard !connection.isAppended else { return }
        connection.isAppended = true
        appended.append(connection)
    }

    /// Writes to all connections that something was added to, and closes those that were refused.
    func writeAppended(at now: Instant) {
        for connection in appended {
            connection.isAppended = false
            // While the kernel has no room, it tells when it has again.
            if !connection.isWatchedForWriting { write(connection.id, at: now) }
        }
        appended.removeAll(keepingCapacity: true)
        for connection in refused.compactMap({ connections[$0] }) where connection.phase != .finishing {
            end(connection)
        }
        refused.removeAll(keepingCapacity: true)
    }

    /// Writes what waits, as far as the kernel takes it.
    func write(_ id: TCPConnectionID, at now: Instant) {
        guard let connection = connections[id] else { return }
        while !connection.output.isEmpty {
            switch connection.output.withBytes({ connection.socket.write($0) }) {
            case .took(0):
                watch(connection, isWriting: true)
                if connection.stallDeadline == nil { stall(connection, at: now) }
                return
            case .took(let count):
                connection.output.consume(count)
                if connection.stallDeadline != nil { stall(connection, at: now) }
            case .ended:
                return end(connection)
            }
        }
        watch(connection, isWriting: false)
        connection.stallDeadline = nil
        if connection.phase == .finishing { connection.socket.finish() }
    }

    private func stall(_ connection: TCPConnection, at now: Instant) {
        connection.stallDeadline = now + limits.stallTimeout
        note(connection.stallDeadline)
    }

    private func watch(_ connection: TCPConnection, isWriting: Bool) {
        guard connection.isWatchedForWriting != isWriting else { return }
        connection.isWatchedForWriting = isWriting
        poll.watch(connection.socket.descriptor, as: .connection(connection.id), isWriting: isWriting)
    }

    // MARK: - Ending

    /// Closes a connection as soon as what waits is written and the browser has read it, or has had its time.
    func finish(_ id: TCPConnectionID, at now: Instant) {
        guard let connection = connections[id], connection.phase != .finishing else { return }
        if connection.phase == .unproven { noLongerUnproven(connection) }
        connection.phase = .finishing
        finishing += 1
        connection.phaseDeadline = now + limits.lingerTimeout
        note(connection.phaseDeadline)
        if connection.output.isEmpty { connection.socket.finish() }
    }

    func advance(to now: Instant) {
        if let acceptsAgain, acceptsAgain <= now {
            self.acceptsAgain = nil
            poll.watch(listener.descriptor, as: .listener, isReading: true)
        }
        guard let nextSweep, nextSweep <= now, lastSweep + Self.sweepInterval <= now else { return }
        lastSweep = now
        self.nextSweep = nil
        for connection in Array(connections.values) {
            guard let deadline = connection.deadline else { continue }
            if deadline > now {
                note(deadline)
            } else if connection.phase == .finishing {
                end(connection)
            } else {
                end(connection, connection.phase == .unproven ? .tcpCheckOverdue : .tcpReaderTooSlow)
            }
        }
    }

    private func note(_ deadline: Instant?) {
        nextSweep = .earlier(nextSweep, deadline)
    }

    /// Closes a connection at once.
    private func end(_ connection: TCPConnection, _ reason: DropReason? = nil) {
        if let reason { drops.count(reason) }
        switch connection.phase {
        case .unproven: noLongerUnproven(connection)
        case .carrying: lost.append(connection.path)
        case .finishing: finishing -= 1
        }
        connections[connection.id] = nil
    }
}
