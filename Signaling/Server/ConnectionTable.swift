import NIOCore

/// The connections of one server; used on its event loop only.
final class ConnectionTable {
    private let limit: Int
    private var connections: [ObjectIdentifier: HTTPConnection] = [:]
    private var isStopping = false
    private var emptied: EventLoopPromise<Void>?

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes a new connection in, if need be in the place of the one that has been idle longest. False when there is
    /// no place.
    func admit(_ connection: HTTPConnection) -> Bool {
        guard !isStopping else { return false }
        if connections.count >= limit {
            // A walk over all of them, but only when it is full, and bounded.
            let idle = connections.values.compactMap { candidate in candidate.idleSince.map { ($0, candidate) } }
            guard let longest = idle.min(by: { $0.0 < $1.0 })?.1 else { return false }
            remove(longest)
            longest.channel.close(promise: nil)
        }
        connections[ObjectIdentifier(connection)] = connection
        return true
    }

    func remove(_ connection: HTTPConnection) {
        connections[ObjectIdentifier(connection)] = nil
        if connections.isEmpty {
            emptied?.succeed()
            emptied = nil
        }
    }

    /// Closes idle connections, and the others after the response they wait for; all of them when the time is over.
    /// - Parameter promise: kept when no connection is left.
    func drain(within time: TimeAmount, on loop: any EventLoop, then promise: EventLoopPromise<Void>) {
        isStopping = true
        guard !connections.isEmpty else { return promise.succeed() }
        emptied = promise
        let present = Array(connections.values)
        for connection in present {
            connection.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        loop.assumeIsolated().scheduleTask(in: time) {
            for connection in self.connections.values {
                connection.channel.close(promise: nil)
            }
        }
    }
}
