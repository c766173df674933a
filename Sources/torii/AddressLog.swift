import DataPlane
import Logging

/// Writes what becomes of names, one line each.
struct AddressLog: Sendable {
    let logger: Logger

    func write(_ change: AddressChange) {
        switch change {
        case .ports(let ports):
            logger.notice("advertised addresses changed", metadata: Self.metadata(of: ports))
        case .server(let route, let server):
            logger.notice("server moved", metadata: ["route": "\(route.name)", "server": "\(server)"])
        case .unresolved(let error):
            logger.warning("\(error.description) Its last addresses stay in use until then.")
        }
    }

    static func metadata(of ports: AdvertisedPorts) -> Logger.Metadata {
        [
            "advertised": "\(ports.udp.map(\.description).joined(separator: " "))",
            "advertised_tcp": "\(ports.tcp.map(\.description).joined(separator: " "))",
        ]
    }
}
