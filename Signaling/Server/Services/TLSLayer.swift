import NIOCore
import TLS

/// TLS between the socket and what speaks over it.
final class TLSLayer: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connection: TLSConnection
    /// What waits for the handshake. Only a client writes before it, and that is one request.
    private var waiting: [(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)] = []
    private var hasEnded = false

    init(_ connection: TLSConnection) {
        self.connection = connection
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { process(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        failWaiting(ChannelError.ioOnClosedChannel)
    }

    func channelActive(context: ChannelHandlerContext) {
        process(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        failWaiting(ChannelError.ioOnClosedChannel)
        context.fireChannelInactive()
    }

    // MARK: - Inbound

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasEnded else { return }
        unwrapInboundIn(data).withUnsafeReadableBytes { connection.receive($0) }
        process(context)
    }

    /// Hands up what has been read, and sends what that made necessary.
    private func process(_ context: ChannelHandlerContext) {
        do throws(TLSFault) {
            reading: while !hasEnded {
                switch try connection.read() {
                case .bytes(let bytes): context.fireChannelRead(wrapInboundOut(ByteBuffer(bytes: bytes)))
                case .nothing: break reading
                case .end:
                    hasEnded = true
                    context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
                }
            }
            try writeWaiting(context)
            sendOutgoing(context)
        } catch {
            hasEnded = true
            // The alert that says why, or what a person with a browser can read.
            if error == .plainHTTP {
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: Self.answerToPlainHTTP)), promise: nil)
            } else {
                sendOutgoing(context)
            }
            failWaiting(error)
            context.fireErrorCaught(error)
        }
    }

    private static let answerToPlainHTTP =
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 56\r\n"
        + "Connection: close\r\n\r\nOnly https:// is spoken here; ask with that in the URL.\n"

    // MARK: - Outbound

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        waiting.append((unwrapOutboundIn(data), promise))
    }

    func flush(context: ChannelHandlerContext) {
        do throws(TLSFault) {
            try writeWaiting(context)
            sendOutgoing(context)
        } catch {
            failWaiting(error)
            context.fireErrorCaught(error)
        }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode != .input {
            connection.finish()
            sendOutgoing(context)
        }
        context.close(mode: mode, promise: promise)
    }

    private func writeWaiting(_ context: ChannelHandlerContext) throws(TLSFault) {
        guard connection.isEstablished else { return }
        while !waiting.isEmpty {
            let (bytes, promise) = waiting.removeFirst()
            do throws(TLSFault) {
                try Self.seal(bytes, connection)
            } catch {
                promise?.fail(error)
                throw error
            }
            context.write(wrapOutboundOut(ByteBuffer(bytes: connection.takeOutgoing())), promise: promise)
        }
    }

    private static func seal(_ bytes: ByteBuffer, _ connection: TLSConnection) throws(TLSFault) {
        let result = bytes.withUnsafeReadableBytes { bytes in
            Result { () throws(TLSFault) in try connection.write(bytes) }
        }
        try result.get()
    }

    private func sendOutgoing(_ context: ChannelHandlerContext) {
        let bytes = connection.takeOutgoing()
        if !bytes.isEmpty { context.write(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil) }
        context.flush()
    }

    private func failWaiting(_ error: any Error) {
        let failed = waiting
        waiting = []
        for (_, promise) in failed { promise?.fail(error) }
    }
}
