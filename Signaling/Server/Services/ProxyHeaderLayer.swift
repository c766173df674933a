import NIOCore
import Primitives

/// Takes a proxy's header off the beginning of a connection, and tells those above what it says.
///
/// Only where the header must be: without one, or with a broken one, the connection is closed, for whoever sends something
/// else there is not the proxy.
final class ProxyHeaderLayer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Who has connected to the proxy.
    struct Announcement: Sendable {
        let source: TransportAddress
    }

    /// What has come of the header; nil once it is complete.
    private var received: ByteBuffer? = ByteBuffer()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard var bytes = received else { return context.fireChannelRead(data) }
        bytes.writeImmutableBuffer(unwrapInboundIn(data))
        switch ProxyHeader.read(bytes.readableBytesView) {
        case .incomplete: received = bytes
        case .malformed: context.close(promise: nil)
        case .complete(let source, let length):
            received = nil
            if let source { context.fireUserInboundEventTriggered(Announcement(source: source)) }
            bytes.moveReaderIndex(forwardBy: length)
            if bytes.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(bytes)) }
        }
    }
}
