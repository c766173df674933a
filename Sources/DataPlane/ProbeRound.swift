import ENet
import Gateway
import Glibc
import Primitives

/// Probes servers once, all at the same time: each on a socket of its own, like its players', and on a thread that it may
/// block.
struct ProbeRound {
    struct Target: Equatable, Sendable {
        let route: String
        let server: TransportAddress
        let path: ServerPath
        let compression: Compression
    }

    typealias Opening = (Target) throws(NetworkError) -> UDPSocket

    // Our choice.
    /// Servers that are probed at once; the others come after.
    static let width = 64
    /// When the question is sent again, and when a server counts as silent: four of five lost in a row are no accident.
    private static let repetition: Milliseconds = 400
    private static let patience: Milliseconds = 2_000

    static func open(_ target: Target) throws(NetworkError) -> UDPSocket {
        try UDPSocket(connectedTo: target.server, by: target.path)
    }

    /// Whether each of them answered; nil for one that could not be asked, because this process has no socket left.
    ///
    /// - Parameter open: makes a socket to a target.
    static func run(_ targets: [Target], by open: Opening = Self.open) -> [Bool?] {
        stride(from: 0, to: targets.count, by: width).flatMap { start in
            runAtOnce(Array(targets[start..<min(start + width, targets.count)]), by: open)
        }
    }

    private static func runAtOnce(_ targets: [Target], by open: Opening) -> [Bool?] {
        var pending = targets.map { PendingProbe($0, by: open) }
        let end = MonotonicClock.now + patience
        var due = Instant.zero
        while pending.contains(where: \.isOpen) {
            let now = MonotonicClock.now
            guard now < end else { break }
            if due <= now {
                for index in pending.indices { pending[index].ask() }
                due = now + repetition
            }
            var watched = pending.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            poll(&watched, nfds_t(watched.count), Int32(clamping: min(due, end).since(now).whole + 1))
            for (index, watch) in watched.enumerated() where watch.revents != 0 { pending[index].receive() }
        }
        return pending.map { $0.isUnasked ? nil : $0.isAnswered }
    }
}

/// A probe that is under way.
private struct PendingProbe {
    private let probe: ConnectProbe
    /// Nil where there is no way there at all.
    private let socket: UDPSocket?
    private(set) var isAnswered = false
    let isUnasked: Bool

    init(_ target: ProbeRound.Target, by open: ProbeRound.Opening) {
        probe = ConnectProbe(connectID: .random(in: 0 ... .max), compression: target.compression)
        do throws(NetworkError) {
            socket = try open(target)
            isUnasked = false
        } catch {
            socket = nil
            isUnasked = error.isShortage
        }
    }

    var isOpen: Bool { socket != nil && !isAnswered }

    /// For poll(2), which passes over what is negative.
    var descriptor: Int32 { isOpen ? socket?.descriptor ?? -1 : -1 }

    func ask() {
        if isOpen { send(probe.question) }
    }

    mutating func receive() {
        guard let socket else { return }
        var bytes = [UInt8](repeating: 0, count: 4096)
        // An error is one to be read as well: that nothing listens there may change while there is time.
        while true {
            let count = recv(socket.descriptor, &bytes, bytes.count, 0)
            guard count >= 0 else { return }
            let farewell = bytes.withUnsafeBytes { probe.farewell(to: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            guard let farewell else { continue }
            isAnswered = true
            if !farewell.isEmpty { send(farewell) }
            return
        }
    }

    private func send(_ bytes: [UInt8]) {
        guard let socket else { return }
        _ = Glibc.send(socket.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
