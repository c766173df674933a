import Primitives
import SDP

extension IceCandidate {
    /// Host candidates for the addresses under which the shared port can be reached, the first preferred.
    static func hosts(_ addresses: [TransportAddress]) -> [IceCandidate] {
        addresses.enumerated().map { index, address in
            IceCandidate(
                foundation: String(index + 1), transport: .udp,
                priority: hostPriority(localPreference: UInt16(max(65_535 - index, 0))), address: address)
        }
    }
}
