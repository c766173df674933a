/// What bytes of anyone's making are thrown at. Each target is a function of its bytes alone, but for the random
/// numbers OpenSSL and usrsctp draw for themselves.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// STUN messages, read and written.
    case stun
    /// Offers, answers and ICE fragments.
    case sdp
    /// DATA_CHANNEL_OPEN and what a table of data channels makes of messages.
    case dcep
    /// The shared UDP port: strangers, and an address that passed a check.
    case demultiplexer
    /// DTLS records after the handshake: forged, replayed, cut, and sealed by the peer itself.
    case records
    /// One player from first check to last, with a script of misdeeds.
    case session

    /// Throws when what must hold does not. A trap is for whoever runs this to notice.
    public func run(_ bytes: UnsafeRawBufferPointer) throws(Breach) {
        switch self {
        case .stun: try fuzzSTUN(bytes)
        case .sdp: try fuzzSDP(bytes)
        case .dcep: try fuzzDCEP(bytes)
        case .demultiplexer: try fuzzDemultiplexer(bytes)
        case .records: try fuzzRecords(bytes)
        case .session: try fuzzSession(bytes)
        }
    }

    /// What did not hold, if anything.
    public func breach(by bytes: [UInt8]) -> Breach? {
        bytes.withUnsafeBytes { bytes in
            do throws(Breach) {
                try run(bytes)
                return nil
            } catch {
                return error
            }
        }
    }
}
