import NIOCore
import NIOHTTP1

/// A body that comes piece by piece, each when there is one.
final class HTTPPieces: Equatable, Sendable {
    /// nil when that was all. Cancelled when the client has gone.
    let next: @Sendable () async -> [UInt8]?

    init(next: @escaping @Sendable () async -> [UInt8]?) {
        self.next = next
    }

    static func == (one: HTTPPieces, other: HTTPPieces) -> Bool { one === other }

    /// Sends all there are to come, each when the one before has left: nobody can pile them up by not reading.
    ///
    /// - Parameter patience: how long a client may take to read one.
    /// - Returns: false when the client went before the end, or did not read.
    func send(on channel: any Channel, patience: TimeAmount) async -> Bool {
        while let piece = await next() {
            let alarm = channel.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
            defer { alarm.cancel() }
            let part = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: piece)))
            do { try await channel.writeAndFlush(part) } catch { return false }
        }
        return channel.isActive
    }
}
