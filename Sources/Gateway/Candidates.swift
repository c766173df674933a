import Primitives
import SDP

extension IceCandidate {
    /// Host candidates for the addresses under which the ports can be reached, the first of each kind preferred, and
    /// UDP before TCP.
    static func hosts(udp: [TransportAddress], tcp: [TransportAddress]) -> [IceCandidate] {
        let overUDP = udp.enumerated().map { index, address in
            IceCandidate(
                foundation: String(index + 1), transport: .udp,
                priority: hostPriority(localPreference: UInt16(max(65_535 - index, 0))), address: address)
        }
        // RFC 8445 §5.1.1.3: foundations differ where addresses or transports do.
        let overTCP = tcp.enumerated().map { index, address in
            IceCandidate(
                foundation: String(udp.count + index + 1), transport: .tcpPassive,
                priority: tcpPassiveHostPriority(otherPreference: UInt16(max(8_191 - index, 0))), address: address)
        }
        return overUDP + overTCP
    }
}
