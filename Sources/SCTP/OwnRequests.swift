import Primitives

/// The numbers of our own requests (RFC 6525 §4), where the peer gets fewer of them than usrsctp made: none for more
/// streams (SCTPGrowing.swift).
struct OwnRequests {
    /// By how much usrsctp's number of a request is above what the peer knows it by.
    private var shift: UInt32 = 0
    /// usrsctp's number of a request for more streams that has not been answered.
    private var unanswered: UInt32?
    /// usrsctp's number of its newest request for a reset.
    private var newest: UInt32?

    /// usrsctp's packet without requests for more streams, and with the numbers that the peer is to see.
    mutating func forPeer(_ packet: [UInt8]) -> [UInt8] {
        let kept = packet.withUnsafeBytes { bytes in
            Reconfiguration.removing(from: bytes) { parameter in
                guard let number = Reconfiguration.number(of: parameter, types: [AddStreams.outgoing]) else {
                    newest = Reconfiguration.number(of: parameter, types: [Reconfiguration.outgoingReset]) ?? newest
                    return false
                }
                unanswered = number
                return true
            }
        }
        let shift = shift
        return Reconfiguration.renumbering(kept ?? packet, .number, of: Reconfiguration.requestTypes) { $0 &- shift }
    }

    /// The peer's packet with usrsctp's numbers in the answers, and no answers between the lines.
    ///
    /// usrsctp 0.9.5 takes a request of the peer's that names its own newest for the answer "performed" to that. Which
    /// request is named says something only where the peer was asked to make it (RFC 6525 §4.1), and usrsctp itself
    /// names the last one it saw, performed or not.
    func forStack(_ packet: [UInt8]) -> [UInt8] {
        var packet = packet
        let shift = shift
        if shift != 0 {
            packet = Reconfiguration.renumbering(packet, .number, of: [Reconfiguration.responseType]) { $0 &+ shift }
        }
        if let newest {
            let none = newest &+ UInt32.max / 2
            packet = Reconfiguration.renumbering(packet, .namedRequest, of: [Reconfiguration.outgoingReset]) { _ in none
            }
        }
        return packet
    }

    /// usrsctp's number of its request for more streams, which counts as answered from here on; nil when there is none.
    mutating func withhold() -> UInt32? {
        guard let number = unanswered else { return nil }
        unanswered = nil
        shift &+= 1
        return number
    }
}
