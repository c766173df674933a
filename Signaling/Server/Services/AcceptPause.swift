import Glibc
import NIOCore

/// Takes no connections for a while when there is no descriptor for the next one: it waits in the kernel. Reported again
/// and again, it would take all of a processor. NIO's own pause ends with the next report, which comes at once.
final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = Channel

    // Our choice.
    private static let length = TimeAmount.seconds(1)

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let failure = error as? IOError, Self.isShortage(failure.errnoCode) else {
            return context.fireErrorCaught(error)
        }
        let options = context.channel.syncOptions
        try? options?.setOption(.autoRead, value: false)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.length) {
            try? options?.setOption(.autoRead, value: true)
        }
    }

    private static func isShortage(_ code: CInt) -> Bool {
        [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code)
    }
}
