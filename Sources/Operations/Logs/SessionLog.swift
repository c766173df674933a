import Gateway
import Logging

/// Writes what happens to sessions, one line each. Ids are shortened: whoever knows a whole one may end the session.
public struct SessionLog: Sendable {
    private let logger: Logger

    public init(logger: Logger) {
        self.logger = logger
    }

    public func write(_ event: SessionEvent) {
        var metadata: Logger.Metadata = ["session": "\(event.session.shortened)", "route": "\(event.route)"]
        metadata["server"] = event.server.map { "\($0)" }
        switch event.kind {
        case .joined(let peerID):
            metadata["peer_id"] = peerID.map { .stringConvertible($0) }
            logger.info("joined", metadata: metadata)
        case .reached(let path):
            metadata["browser"] = "\(path.address)"
            metadata["transport"] = "\(path.transport)"
            logger.debug("reached", metadata: metadata)
        case .moved(let path):
            metadata["browser"] = "\(path.address)"
            metadata["transport"] = "\(path.transport)"
            logger.info("moved", metadata: metadata)
        case .secured(let after):
            metadata["after_ms"] = .stringConvertible(after.whole)
            logger.debug("secured", metadata: metadata)
        case .stalled(let direction):
            metadata["direction"] = "\(direction.rawValue)"
            logger.info("stalled", metadata: metadata)
        case .recovered(let direction):
            metadata["direction"] = "\(direction.rawValue)"
            logger.info("no longer stalled", metadata: metadata)
        case .opened(let after):
            metadata["after_ms"] = .stringConvertible(after.whole)
            logger.debug("data channels open", metadata: metadata)
        case .playing(let after):
            metadata["after_ms"] = .stringConvertible(after.whole)
            logger.info("playing", metadata: metadata)
        case .ended(let reason, let after, let counters):
            metadata["reason"] = "\(reason.label)"
            metadata["after_ms"] = .stringConvertible(after.whole)
            metadata["to_server"] = .stringConvertible(counters.messagesToServer)
            metadata["to_browser"] = .stringConvertible(counters.messagesToBrowser)
            for (drop, count) in counters.drops.nonZero {
                metadata["drop_\(drop.label)"] = .stringConvertible(count)
            }
            logger.info("ended: \(reason.sentence)", metadata: metadata)
        }
    }
}
