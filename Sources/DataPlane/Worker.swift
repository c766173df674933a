import DTLS
import Gateway
import Glibc
import Primitives
import SCTP
import SDP

/// One thread's event loop: reads batches, lets the core settle once, writes batches, arms one timer, sleeps.
///
/// Everything in here belongs to its thread; other threads speak to it through the inbox.
final class Worker {
    let core: GatewayCore
    private let shared: UDPSocket
    private let poll: EventPoll
    /// Nil where there is no TCP port.
    let tcp: TCPConnections?
    private let inbox: Inbox<WorkerRequest>
    private let memory: StoppedMemory
    private let batch = DatagramBatch()
    private let report: @Sendable (SessionEvent) -> Void
    private var servers: [Int: ServerSocket] = [:]
    var outbox = Outbox()
    /// Nil but in the demo.
    var impaired: ImpairedSessions?
    var captureReaders = CaptureReaders()
    private var departures: [CheckedContinuation<GatewaySnapshot, Never>] = []
    private var stopRequests: [CheckedContinuation<Void, Never>] = []
    private var loop = LoopCounters()
    /// Reloads so far.
    private var reloads = 0
    private var room = ResourceRoom()
    private let polling: Milliseconds?
    private(set) var coalescing: Coalescing?
    var hasMore = false
    /// Whether the turn ended before all datagrams were read.
    private var hasUnread = false

    private struct ServerSocket {
        let slot: SessionSlot
        let socket: UDPSocket
    }

    // Our choice.
    /// Datagrams that each reading of one socket takes at most, before the others, and the settling, get their turn: few
    /// at first, since mostly there are few.
    private static let readingsPerTurn = [4, 32, DatagramBatch.capacity, DatagramBatch.capacity]

    init(
        core: GatewayCore, shared: UDPSocket, listener: TCPListener?, inbox: Inbox<WorkerRequest>,
        memory: StoppedMemory, impaired: ImpairedSessions?, rest: WorkerRest,
        report: @escaping @Sendable (SessionEvent) -> Void
    ) throws(NetworkError) {
        self.core = core
        self.shared = shared
        self.inbox = inbox
        self.memory = memory
        self.impaired = impaired
        self.report = report
        switch rest {
        case .sleeping: (polling, coalescing) = (nil, nil)
        case .polling(let span): (polling, coalescing) = (span, nil)
        case .coalescing(let span): (polling, coalescing) = (nil, Coalescing(span))
        }
        let poll = try EventPoll()
        self.poll = poll
        let sessionLimit = core.configuration.sessionLimit
        tcp = try listener.map { listener throws(NetworkError) in
            try TCPConnections(listener: listener, poll: poll, limits: TCPLimits(sessionLimit: sessionLimit))
        }
        try poll.watch(shared.descriptor, as: .shared)
        try poll.watch(inbox.descriptor, as: .inbox)
    }

    /// Returns when a stop was asked for and all sessions have ended, with who waits for that.
    func run() -> [CheckedContinuation<Void, Never>] {
        while stopRequests.isEmpty || core.sessionCount > 0 || tcp?.hasFarewells == true {
            let deadline = Instant.earlier(.earlier(core.nextDeadline, tcp?.nextDeadline), impaired?.nextDeadline)
            poll.arm(deadline)
            coalesce(before: deadline)
            var wokenAt: Instant?
            hasUnread = false
            let wereAll = poll.wait(sleeping: !hasMore, polling: polling) { source, readiness in
                let now = MonotonicClock.now
                wokenAt = wokenAt ?? now
                serve(source, readiness, at: now)
            }
            let now = MonotonicClock.now
            if let deadline, deadline <= now { loop.deadlineLag.note(now.since(deadline)) }
            advanceConnections(to: now)
            receiveHeld(at: now)
            core.advance(to: now)
            hasMore = core.settle(at: now, into: &outbox)
            writeOut(at: now)
            answerDepartures(at: now)
            captureReaders.answer(from: core)
            let began = wokenAt ?? now
            loop.turns.note(MonotonicClock.now.since(began))
            coalescing?.noteTurn(began: began, arrived: loop.received.sum, hasReadAll: wereAll && !hasUnread)
        }
        // Before the first request that is refused.
        memory.keep(core.ended)
        for request in inbox.close() {
            request.refuse()
        }
        return stopRequests
    }

    // MARK: - Reading

    private func serve(_ source: EventPoll.Source, _ readiness: EventPoll.Readiness, at now: Instant) {
        switch source {
        case .listener: tcp?.accept(at: now)
        case .connection(let id): serveConnection(id, readiness, at: now)
        case .shared: readShared(at: now)
        case .server(let index): readServer(index, at: now)
        case .inbox: inbox.take().forEach { serve($0, at: now) }
        case .timer: break
        }
    }

    private func readShared(at now: Instant) {
        for limit in Self.readingsPerTurn {
            guard case .datagrams(let count) = batch.receive(on: shared, limit: limit) else { return }
            loop.received.note(UInt64(count))
            noteDatagramLag()
            for index in 0..<count {
                guard let datagram = batch.datagram(index), let source = batch.source(index) else {
                    core.noteDrop(.datagramTruncated)
                    continue
                }
                guard !impairs(datagram, from: .udp(source), at: now) else { continue }
                core.receive(datagram, from: .udp(source), at: now, into: &outbox)
            }
            guard count == limit else { return }
        }
        hasUnread = true
    }

    private func readServer(_ index: Int, at now: Instant) {
        guard let server = servers[index] else { return }
        for limit in Self.readingsPerTurn {
            switch batch.receive(on: server.socket, limit: limit) {
            case .datagrams(let count):
                loop.received.note(UInt64(count))
                for index in 0..<count {
                    guard let datagram = batch.datagram(index) else {
                        core.noteDrop(.serverDatagramTruncated)
                        continue
                    }
                    core.receive(datagram, fromServerOf: server.slot, at: now)
                }
                guard count == limit else { return }
            case .refused:
                core.serverRefusedDatagram(of: server.slot, at: now)
                return
            case .nothing, .failed:
                return
            }
        }
        hasUnread = true
    }

    private func serve(_ request: WorkerRequest, at now: Instant) {
        switch request {
        case .join(let join, let asked, let continuation):
            loop.requestLag.note(now.since(asked))
            core.shortage = shortage(at: now)
            let answer = answer(to: join, at: now)
            if case .success = answer { core.noteOffer(route: join.route, took: MonotonicClock.now.since(asked)) }
            continuation.resume(returning: answer)
        case .leave(let id, let reason, let data, let answer):
            answer.resume(returning: core.leave(id, disconnectData: data, for: reason, at: now))
        case .status(let id, let answer):
            answer.resume(returning: core.status(of: id))
        case .update(let id, let fragment, let iceTag, let continuation):
            continuation.resume(returning: answer(toUpdateOf: id, fragment, iceTag, at: now))
        case .impair(let id, let impairment, let answer):
            answer.resume(returning: impair(id, by: impairment))
        case .impairment(let id, let answer):
            answer.resume(returning: impaired?.report(of: id))
        case .reload(let configuration, let number, let answer):
            answer.resume(returning: reload(configuration, number, at: now))
        case .advertise(let ports, let number) where number == reloads:
            core.advertise(udp: ports.udp, tcp: ports.tcp)
        case .moveServer(let route, let place, let number) where number == reloads:
            core.moveServer(of: route.name, server: route.index, to: place.server, linkMTU: place.linkMTU, at: now)
        case .advertise, .moveServer: break
        case .discovered(let servers, let route, let source):
            core.discovered(servers, on: route, by: source, at: now)
        case .probed(let address, let route, let isAnswered):
            core.probed(address, on: route, isAnswered: isAnswered, at: now)
        case .probedRoutes(let answer):
            answer.resume(returning: core.configuration.routes.values.filter { $0.pool.probeInterval != nil })
        case .snapshot(let answer):
            answer.resume(returning: snapshot(at: now))
        case .metrics(let answer):
            answer.resume(returning: metrics(at: now))
        case .capture(let request):
            serve(request, at: now)
        case .sessions(let place, let limit, let answer):
            answer.resume(returning: core.sessions(after: place, limit: limit, at: now))
        case .details(let id, let answer):
            answer.resume(returning: core.details(of: id, at: now))
        case .drain(let isDraining, let answer):
            core.drain(isDraining)
            answer.resume(returning: snapshot(at: now))
        case .toggleDrain(let answer):
            core.toggleDrain()
            answer.resume(returning: snapshot(at: now))
        case .depart(let departure, let answer):
            departures.append(answer)
            core.depart(departure, at: now)
        case .stop(let answer):
            core.stop(at: now)
            stopRequests.append(answer)
        }
    }

    private func snapshot(at now: Instant) -> GatewaySnapshot {
        GatewaySnapshot(
            sessionCount: core.sessionCount, isFull: core.sessionCount >= core.configuration.sessionLimit,
            shortage: shortage(at: now), service: core.service, drops: drops)
    }

    /// Each who is joining will need a socket.
    private func shortage(at now: Instant) -> Shortage? { room.shortage(owing: core.joiningCount, at: now) }

    /// Who waits for the departure's end learns of it in the turn in which it comes.
    private func answerDepartures(at now: Instant) {
        guard core.isStopping, !departures.isEmpty else { return }
        for answer in departures { answer.resume(returning: snapshot(at: now)) }
        departures.removeAll()
    }

    /// Drops that belong to no session.
    private var drops: DropCounters {
        var drops = core.drops
        if let tcp { drops.add(tcp.drops) }
        if let impaired { drops.add(impaired.drops) }
        return drops
    }

    private func metrics(at now: Instant) -> GatewayMetrics {
        var metrics = core.metrics(at: now)
        metrics.strayDrops = drops
        metrics.loop = loop
        metrics.loop.tcpConnections = tcp?.count ?? 0
        return metrics
    }

    /// A clock that was set in between says nothing.
    private func noteDatagramLag() {
        let (arrival, now) = (batch.firstArrival, RealTimeClock.now)
        guard arrival > 0, now >= arrival, now - arrival < 60_000_000_000 else { return }
        loop.datagramLag.note(now - arrival)
    }

    private func reload(
        _ configuration: GatewayConfiguration, _ number: Int, at now: Instant
    ) -> Result<[Route], DTLSSetupError> {
        do throws(DTLSSetupError) {
            try core.reload(configuration, at: now)
        } catch {
            return .failure(error)
        }
        reloads = number
        tcp?.limits = TCPLimits(sessionLimit: configuration.sessionLimit)
        return .success(Array(core.configuration.routes.values))
    }

    private func answer(to join: JoinRequest, at now: Instant) -> Result<JoinAnswer, JoinRefusal> {
        do throws(JoinRefusal) {
            return .success(try core.join(join, at: now, into: &outbox))
        } catch {
            return .failure(error)
        }
    }

    private func answer(
        toUpdateOf id: SessionID, _ fragment: ICEFragment, _ iceTag: String?, at now: Instant
    ) -> Result<ICEUpdate, UpdateRefusal> {
        do throws(UpdateRefusal) {
            return .success(try core.update(id, fragment, iceTag: iceTag, at: now))
        } catch {
            return .failure(error)
        }
    }

    // MARK: - Writing

    private func writeOut(at now: Instant) {
        for opening in outbox.openings {
            open(opening, at: now)
        }
        impairOutgoing(at: now)
        sendToBrowsers(at: now)
        sendToServers(at: now)
        for slot in outbox.closings where servers[slot.index]?.slot == slot {
            servers[slot.index] = nil
        }
        for event in outbox.events {
            report(event)
        }
        outbox.removeAll()
    }

    private func open(_ opening: ServerSocketOpening, at now: Instant) {
        do throws(NetworkError) {
            let socket = try UDPSocket(connectedTo: opening.server, by: opening.path)
            try poll.watch(socket.descriptor, as: .server(opening.slot.index))
            servers[opening.slot.index] = ServerSocket(slot: opening.slot, socket: socket)
            if let address = socket.localAddress { core.serverSocketOpened(of: opening.slot, at: address) }
        } catch {
            if error.isShortage {
                core.serverSocketMissing(of: opening.slot, at: now)
            } else {
                // No route: for the player it is a server that is not there.
                core.serverRefusedDatagram(of: opening.slot, at: now)
            }
            hasMore = true
        }
    }

    /// Where a session's socket to its server is bound.
    func serverSocket(of id: SessionID) -> TransportAddress? {
        guard let slot = core.slot(of: id), let server = servers[slot.index], server.slot == slot else { return nil }
        return server.socket.localAddress
    }

    private func sendToBrowsers(at now: Instant) {
        outbox.toBrowsers.forEach { packet, path in
            switch path {
            case .udp(let destination):
                if !batch.stage(packet, to: destination, on: shared) {
                    loop.unsentDatagrams += 1
                }
            case .tcp(let connection, _):
                tcp?.append(packet, to: connection)
            }
            if batch.isFull { send(on: shared) }
        }
        if !batch.isEmpty { send(on: shared) }
        writeConnections(at: now)
    }

    /// Each server has its own socket; the core hands out a session's datagrams in a row.
    private func sendToServers(at now: Instant) {
        var current: ServerSocket?
        outbox.toServers.forEach { packet, slot in
            if current?.slot != slot || batch.isFull {
                sendStaged(to: current, at: now)
                current = servers[slot.index].flatMap { $0.slot == slot ? $0 : nil }
            }
            guard let current else { return }
            _ = batch.stage(packet, to: nil, on: current.socket)
        }
        sendStaged(to: current, at: now)
    }

    private func sendStaged(to server: ServerSocket?, at now: Instant) {
        guard let server, !batch.isEmpty else { return }
        if send(on: server.socket).wasRefused {
            // Told here, the next reading no longer tells it.
            core.serverRefusedDatagram(of: server.slot, at: now)
            hasMore = true
        }
    }

    @discardableResult
    private func send(on socket: UDPSocket) -> DatagramBatch.Sending {
        loop.sent.note(UInt64(batch.staged))
        let sending = batch.send(on: socket)
        loop.unsentDatagrams += UInt64(sending.lost)
        return sending
    }
}
