import Foundation
import SCTP
import SDP

/// The browser's side of SNAP (draft-hancke-tsvwg-snap).
struct SimulatedSNAP {
    /// An offer does not know the answer's port yet, and usrsctp cannot connect without one: packets of an association
    /// that began with the offer are between this port and ours to usrsctp, and between the right ones in DTLS.
    static let assumedPort: UInt16 = 5000

    let isOffered: Bool
    /// What the offer says instead of the INIT that was made.
    var forgedValue: String?
    /// Whether offer and answer have set the association up.
    private(set) var isEstablished = false
    private var ownInit: InitChunk?

    init(isOffered: Bool) {
        self.isOffered = isOffered
    }

    /// The offer's line.
    mutating func line(_ association: SCTPAssociation?) -> String? {
        ownInit = try? association?.makeInit()
        return (forgedValue ?? ownInit.map { Data($0.serialized()).base64EncodedString() }).map { "a=sctp-init:\($0)" }
    }

    mutating func take(answer: DataChannelDescription, _ association: SCTPAssociation?) {
        guard let ownInit, let peerInit = answer.sctpInit.flatMap({ InitChunk(parsing: $0) }) else { return }
        isEstablished = association?.establish(ours: ownInit, peer: peerInit) ?? false
    }

    /// A packet from the gateway as usrsctp wants it.
    func received(_ packet: [UInt8]) -> [UInt8] {
        isEstablished ? SCTPPacket.with(source: Self.assumedPort, packet) : packet
    }

    /// A packet of usrsctp's as the gateway wants it.
    func sent(_ packet: [UInt8], to port: UInt16) -> [UInt8] {
        isEstablished ? SCTPPacket.with(destination: port, packet) : packet
    }
}
