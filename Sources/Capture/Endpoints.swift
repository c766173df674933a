import Primitives

/// The two ends of a leg, of one address family.
public struct Endpoints: Equatable, Sendable {
    public let remote: TransportAddress
    public let local: TransportAddress

    /// - Parameters:
    ///   - remote: nil while it is not known: then 0.0.0.0 stands for it.
    ///   - local: an address of another family, or none, is replaced by 0.0.0.0 or ::, with the port that is known.
    public init(remote: TransportAddress?, local: TransportAddress?) {
        let remote = remote ?? TransportAddress(ipv4: 0, port: 0)
        self.remote = remote
        if let local, local.family == remote.family {
            self.local = local
        } else {
            let port = local?.port ?? 0
            self.local =
                remote.family == .ipv4
                ? TransportAddress(ipv4: 0, port: port) : TransportAddress(ipv6: 0, 0, port: port)
        }
    }

    func source(_ direction: PacketDirection) -> TransportAddress { direction == .received ? remote : local }
    func destination(_ direction: PacketDirection) -> TransportAddress { direction == .received ? local : remote }
}
