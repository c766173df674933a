import DataPlane
import Logging

/// Writes what becomes of advertised names, one line each.
struct AdvertisedLog: Sendable {
    let logger: Logger

    func write(_ change: AdvertisedChange) {
        switch change {
        case .addresses(let addresses):
            let list = addresses.map(\.description).joined(separator: " ")
            logger.notice("advertised addresses changed", metadata: ["advertised": "\(list)"])
        case .unresolved(let error):
            logger.warning("\(error.description) Answers keep its last addresses until then.")
        }
    }
}
