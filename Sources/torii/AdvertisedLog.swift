import DataPlane
import Logging

/// Writes what becomes of advertised names, one line each.
struct AdvertisedLog: Sendable {
    let logger: Logger

    func write(_ change: AdvertisedChange) {
        switch change {
        case .ports(let ports):
            logger.notice("advertised addresses changed", metadata: Self.metadata(of: ports))
        case .unresolved(let error):
            logger.warning("\(error.description) Answers keep its last addresses until then.")
        }
    }

    static func metadata(of ports: AdvertisedPorts) -> Logger.Metadata {
        [
            "advertised": "\(ports.udp.map(\.description).joined(separator: " "))",
            "advertised_tcp": "\(ports.tcp.map(\.description).joined(separator: " "))",
        ]
    }
}
