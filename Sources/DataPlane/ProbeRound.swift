import DTLS
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
        var security = ServerSecurity.none
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
    private enum Question {
        case connect(ConnectProbe)
        case handshake(HandshakeProbe)
    }

    private var question: Question
    /// Nil where there is no way there at all.
    private let socket: UDPSocket?
    private(set) var isAnswered = false
    let isUnasked: Bool

    init(_ target: ProbeRound.Target, by open: ProbeRound.Opening) {
        let connect = Question.connect(
            ConnectProbe(connectID: .random(in: 0 ... .max), compression: target.compression))
        var isPossible = true
        switch target.security {
        case .none: question = connect
        case .dtls(_, let name):
            let probe = try? HandshakeProbe(serverName: name)
            isPossible = probe != nil
            question = probe.map { Question.handshake($0) } ?? connect
        }
        do throws(NetworkError) {
            socket = isPossible ? try open(target) : nil
            isUnasked = !isPossible
        } catch {
            socket = nil
            isUnasked = error.isShortage
        }
    }

    var isOpen: Bool { socket != nil && !isAnswered }

    /// For poll(2), which passes over what is negative.
    var descriptor: Int32 { isOpen ? socket?.descriptor ?? -1 : -1 }

    mutating func ask() {
        guard isOpen else { return }
        switch question {
        case .connect(let probe): send(probe.question)
        case .handshake(var probe):
            send(probe.question())
            question = .handshake(probe)
        }
    }

    private func farewell(to datagram: UnsafeRawBufferPointer) -> [UInt8]? {
        switch question {
        case .connect(let probe): probe.farewell(to: datagram)
        case .handshake(let probe): probe.farewell(to: datagram)
        }
    }

    mutating func receive() {
        guard let socket else { return }
        var bytes = [UInt8](repeating: 0, count: 4096)
        // An error is one to be read as well: that nothing listens there may change while there is time.
        while true {
            let count = recv(socket.descriptor, &bytes, bytes.count, 0)
            guard count >= 0 else { return }
            let answer = bytes.withUnsafeBytes { farewell(to: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            guard let answer else { continue }
            isAnswered = true
            if !answer.isEmpty { send(answer) }
            return
        }
    }

    private func send(_ bytes: [UInt8]) {
        guard let socket else { return }
        _ = Glibc.send(socket.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
