import NIOCore
import NIOHTTP1
import Primitives

/// One client's connection: reads requests, has them answered one after the other, and knows when it has waited
/// long enough.
///
/// In front of it, `HTTPServerPipelineHandler` keeps pipelined requests until their turn.
final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Phase {
        /// Between requests.
        case idle(since: NIODeadline)
        /// Bytes of a request have arrived, but not its whole head.
        case receivingHead
        case receivingBody(RequestCollector)
        /// The request is complete, its response not yet sent.
        case responding
        /// So it is, and nobody knows for how long: a client that closes its side has gone.
        case sendingPieces
        /// The last response is sent and the client may close; what it still sends is read and forgotten.
        case lingering
    }

    /// What the response under way must know of its request.
    private struct Turn {
        var allowsAnother: Bool
        var omitsBody: Bool
        var origin: String?
    }

    private let service: any HTTPResponder
    private let limits: Limits
    private let proxies: TrustedProxies
    private let table: ConnectionTable
    let channel: any Channel
    private var phase = Phase.idle(since: .now())
    private var turn = Turn(allowsAnother: false, omitsBody: false)
    private var clientHasFinished = false
    /// Whom the proxy on this connection speaks for, by the PROXY protocol.
    private var announced: TransportAddress?
    private var timer: Scheduled<Void>?

    init(
        channel: any Channel, service: any HTTPResponder, limits: Limits, proxies: TrustedProxies,
        table: ConnectionTable
    ) {
        self.channel = channel
        self.service = service
        self.limits = limits
        self.proxies = proxies
        self.table = table
    }

    /// Since when nothing happens here; nil while a request does.
    var idleSince: NIODeadline? {
        guard case .idle(let since) = phase else { return nil }
        return since
    }

    // MARK: - Events

    func channelActive(context: ChannelHandlerContext) {
        becomeIdle(context)
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        table.remove(self)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): receive(head, context)
        case .body(let part): receive(part, context)
        case .end: receiveEnd(context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is BytesArrived:
            guard case .idle = phase else { return }
            phase = .receivingHead
            close(context, in: limits.requestTime)
        case let announcement as ProxyHeaderLayer.Announcement: announced = announcement.source
        case ChannelEvent.inputClosed:
            clientHasFinished = true
            if case .responding = phase { return }
            context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // More bytes behind malformed ones; the parser's own error has come already, or comes in its turn.
        if error is ByteToMessageDecoderError { return }
        guard let parserError = error as? HTTPParserError else {
            // The connection broke: nobody is left to tell.
            context.close(promise: nil)
            return
        }
        switch phase {
        case .idle, .receivingHead, .receivingBody:
            turn = Turn(allowsAnother: false, omitsBody: false)
            send(.malformed(parserError), context)
        case .responding, .sendingPieces, .lingering:
            // Of bytes nobody reads any more.
            turn.allowsAnother = false
        }
    }

    // MARK: - Requests

    private func receive(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        if case .lingering = phase { return }
        if case .idle = phase {
            // A pipelined request, whose bytes came with the one before.
            close(context, in: limits.requestTime)
        }
        turn = Turn(
            allowsAnother: head.allowsAnother, omitsBody: head.method == .HEAD, origin: head.headers.origin)
        switch RequestCollector.start(head, bodyLimit: limits.bodyBytes) {
        case .collect(let collector):
            phase = .receivingBody(collector)
        case .collectAfterContinue(let collector):
            phase = .receivingBody(collector)
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
        case .refuse(let response):
            turn.allowsAnother = false
            send(response, context)
        }
    }

    private func receive(_ part: ByteBuffer, _ context: ChannelHandlerContext) {
        guard case .receivingBody(var collector) = phase else { return }
        if let refusal = collector.receive(part) {
            turn.allowsAnother = false
            send(refusal, context)
        } else {
            phase = .receivingBody(collector)
        }
    }

    private func receiveEnd(_ context: ChannelHandlerContext) {
        guard case .receivingBody(let collector) = phase else { return }
        phase = .responding
        timer?.cancel()
        var request = collector.request
        do throws(TrustedProxies.Contradiction) {
            let peer = announced ?? context.remoteAddress.flatMap { TransportAddress($0) }
            request.source = try proxies.client(behind: peer, request.headers)
        } catch {
            return send(.sourceContradictory, context)
        }
        let promise = context.eventLoop.makePromise(of: HTTPResponse.self)
        promise.futureResult.assumeIsolated().whenSuccess { response in
            guard context.channel.isActive else { return }
            self.send(response, context)
        }
        Task(executorPreference: EventLoopTasks(context.eventLoop)) { [service, request] in
            promise.succeed(await service.respond(to: request))
        }
    }

    // MARK: - Responses

    private func send(_ response: HTTPResponse, _ context: ChannelHandlerContext) {
        phase = .responding
        // A client that does not read its response is not waited for either.
        close(context, in: limits.idleTime)
        let staysOpen = turn.allowsAnother && !clientHasFinished && response.pieces == nil
        let head = wrapOutboundOut(
            .head(response.head(staysOpen: staysOpen, with: service.standardHeaders(for: turn.origin))))
        let sent: EventLoopFuture<Void>
        if turn.omitsBody || response.body.isEmpty {
            sent = context.writeAndFlush(head)
        } else {
            context.write(head, promise: nil)
            sent = context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: response.body)))))
        }
        // Only a response that has left makes way for the next, so that nobody can pile them up by not reading.
        sent.assumeIsolated().whenComplete { result in
            switch result {
            case .success:
                if let pieces = response.pieces {
                    self.send(pieces, context)
                } else {
                    self.finish(context, staysOpen: staysOpen)
                }
            case .failure: context.close(promise: nil)
            }
        }
    }

    private func send(_ pieces: HTTPPieces, _ context: ChannelHandlerContext) {
        guard !clientHasFinished else { return context.close(promise: nil) }
        phase = .sendingPieces
        timer?.cancel()
        let channel = context.channel
        let sending = Task { [limits] in await pieces.send(on: channel, patience: limits.idleTime) }
        channel.closeFuture.whenComplete { _ in sending.cancel() }
        context.eventLoop.makeFutureWithTask { await sending.value }.assumeIsolated().whenSuccess { isWhole in
            guard isWhole else { return context.close(promise: nil) }
            self.finish(context, staysOpen: false)
        }
    }

    private func finish(_ context: ChannelHandlerContext, staysOpen: Bool) {
        let end = wrapOutboundOut(.end(nil))
        if staysOpen && turn.allowsAnother && !clientHasFinished {
            becomeIdle(context)
            // This brings the next pipelined request at once, if there is one.
            context.writeAndFlush(end, promise: nil)
        } else if clientHasFinished {
            context.writeAndFlush(end, promise: nil)
            context.close(promise: nil)
        } else {
            phase = .lingering
            close(context, in: limits.lingerTime)
            context.writeAndFlush(end, promise: nil)
            context.close(mode: .output, promise: nil)
        }
    }

    // MARK: - Time

    private func becomeIdle(_ context: ChannelHandlerContext) {
        phase = .idle(since: .now())
        close(context, in: limits.idleTime)
    }

    /// Closes the connection after a time, unless something else is asked for until then.
    private func close(_ context: ChannelHandlerContext, in time: TimeAmount) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: time) {
            self.giveUp(context)
        }
    }

    private func giveUp(_ context: ChannelHandlerContext) {
        if case .receivingBody = phase {
            turn.allowsAnother = false
            send(HTTPResponse(.requestTimeout, "The request took too long to arrive; send it again."), context)
        } else {
            // In the midst of a head, nothing says that the client speaks HTTP.
            context.close(promise: nil)
        }
    }
}

/// Tells the connection that a client has sent something, before HTTP is read out of it.
final class ArrivalNotice: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireUserInboundEventTriggered(BytesArrived())
        context.fireChannelRead(data)
    }
}

struct BytesArrived: Sendable {}
