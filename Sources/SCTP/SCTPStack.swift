import CUSRSCTP
import Glibc
import Primitives

/// usrsctp, configured once for the process and driven without threads.
///
/// usrsctp keeps global state and a global timer wheel, and hands every packet it makes to one callback; this object
/// is its one owner. It must be used from one thread at a time. Associations are known to usrsctp by integers and not
/// by pointers, so that a packet made late finds a missing key rather than freed memory.
///
/// Left out: ECN, ASCONF, AUTH and packet drop reports, which WebRTC does not use (RFC 8831 §5 asks only for partial
/// reliability and stream reconfiguration); heartbeats and path MTU discovery, because ICE consent shows that the path
/// lives and packets stay within a fixed size.
public final class SCTPStack {
    /// The process's stack. Not Sendable by nature: whoever uses it makes sure that one thread does at a time.
    public nonisolated(unsafe) static let shared = SCTPStack()

    private var associations = AssociationTable()
    private var touched: [AssociationID] = []
    private(set) var lastTick: Instant?
    /// Where all associations receive into: one message, or a piece of one.
    let receiveBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    // Our choice.
    /// How often usrsctp's timers are looked at while there are so many associations. Its timers are early or late by at
    /// most this much.
    ///
    /// It looks at all of them each time, in memory that nothing else has touched since: with thousands, every 10 ms, that
    /// would cost more than their packets. The shortest that is set is `delayedAcknowledgement`.
    static func tickInterval(of associations: Int) -> Milliseconds {
        Milliseconds(UInt64(min(max(10, associations / 25), 50)))
    }
    /// What a browser may send ahead of a server that does not keep up, in bytes per association (a_rwnd).
    ///
    /// Half of it holds the largest message: usrsctp starts to hand over a message when it fills half the buffer at the
    /// latest, and none shall be handed over before it is whole.
    public static let receiveBufferSize: UInt32 = 576 * 1024
    /// Room for the largest message and one more of the usual kind.
    static let sendBufferSize: UInt32 = 320 * 1024
    /// Streams of an association each way at most; what Chromium opens at most, too.
    public static let streamLimit: UInt16 = 1024
    static let retransmissionTimeoutMinimum: UInt32 = 250
    static let retransmissionTimeoutInitial: UInt32 = 500
    static let retransmissionTimeoutMaximum: UInt32 = 5_000
    /// Retransmissions of one chunk in a row after which the association is lost.
    static let associationRetransmissionLimit: UInt32 = 10
    static let delayedAcknowledgement: UInt32 = 40

    private init() {
        usrsctp_tunable_set_sctp_hashtblsize(1024)
        usrsctp_tunable_set_sctp_pcbtblsize(1)
        usrsctp_init_nothreads(
            0,
            { address, packet, count, _, _ in
                guard let packet else { return -1 }
                SCTPStack.shared.output(
                    AssociationID(address), UnsafeMutableRawBufferPointer(start: packet, count: count))
                return 0
            }, nil)
        // CRC32C.swift makes and checks it.
        usrsctp_enable_crc32c_offload()
        usrsctp_sysctl_set_sctp_ecn_enable(0)
        usrsctp_sysctl_set_sctp_asconf_enable(0)
        usrsctp_sysctl_set_sctp_auto_asconf(0)
        usrsctp_sysctl_set_sctp_auth_enable(0)
        usrsctp_sysctl_set_sctp_nrsack_enable(0)
        usrsctp_sysctl_set_sctp_pktdrop_enable(0)
        usrsctp_sysctl_set_sctp_pr_enable(1)
        usrsctp_sysctl_set_sctp_reconfig_enable(1)
        usrsctp_sysctl_set_sctp_blackhole(2)
        usrsctp_sysctl_set_sctp_sendspace(Self.sendBufferSize)
        usrsctp_sysctl_set_sctp_recvspace(Self.receiveBufferSize)
        usrsctp_sysctl_set_sctp_initial_cwnd(10)
        usrsctp_sysctl_set_sctp_max_burst_default(10)
        // A burst is a number of packets. As a bound of the congestion window it would shrink the window to what is in
        // flight after every pause, and games pause between frames (Benchmarks/quality.md).
        usrsctp_sysctl_set_sctp_use_cwnd_based_maxburst(0)
        usrsctp_sysctl_set_sctp_default_ss_module(UInt32(SCTP_SS_PRIORITY))
        usrsctp_sysctl_set_sctp_max_chunks_on_queue(10 * 1024)
        usrsctp_sysctl_set_sctp_rto_min_default(Self.retransmissionTimeoutMinimum)
        usrsctp_sysctl_set_sctp_rto_initial_default(Self.retransmissionTimeoutInitial)
        usrsctp_sysctl_set_sctp_rto_max_default(Self.retransmissionTimeoutMaximum)
        usrsctp_sysctl_set_sctp_init_rto_max_default(Self.retransmissionTimeoutMaximum)
        usrsctp_sysctl_set_sctp_assoc_rtx_max_default(Self.associationRetransmissionLimit)
        usrsctp_sysctl_set_sctp_path_rtx_max_default(Self.associationRetransmissionLimit)
        usrsctp_sysctl_set_sctp_delayed_sack_time_default(Self.delayedAcknowledgement)
        usrsctp_sysctl_set_sctp_nr_incoming_streams_default(UInt32(Self.streamLimit))
        usrsctp_sysctl_set_sctp_nr_outgoing_streams_default(UInt32(Self.streamLimit))
    }

    /// Live associations.
    public var associationCount: Int { associations.count }

    /// When `advance(to:)` wants to be called; nil without associations.
    public var nextDeadline: Instant? {
        associations.count == 0 ? nil : (lastTick ?? .zero) + Self.tickInterval(of: associations.count)
    }

    /// Counts time from `now` on, if no association was there before.
    public func startTicking(at now: Instant) {
        guard lastTick == nil, associations.count > 0 else { return }
        lastTick = now
    }

    /// Runs all associations' timers. Packets this makes are in each association's `outgoing`; `drainTouched`
    /// names the associations.
    public func advance(to now: Instant) {
        let last = lastTick ?? now
        let elapsed = now.since(last).whole
        guard elapsed > 0 || lastTick == nil else { return }
        // The fraction of a millisecond that was not handed over stays due.
        lastTick = lastTick == nil ? now : last + Milliseconds(elapsed)
        if elapsed > 0 {
            usrsctp_handle_timers(UInt32(clamping: elapsed))
        }
    }

    /// Names the associations that made packets since the last call and still have them.
    public func drainTouched(_ body: (AssociationID) -> Void) {
        for id in touched where associations[id]?.outgoing.isEmpty == false { body(id) }
        touched.removeAll(keepingCapacity: true)
    }

    func register(_ association: SCTPAssociation) -> AssociationID {
        if associations.count == 0 {
            lastTick = nil
        }
        let id = associations.insert(association)
        usrsctp_register_address(id.address)
        return id
    }

    func deregister(_ id: AssociationID) {
        usrsctp_deregister_address(id.address)
        associations.remove(id)
    }

    private func output(_ id: AssociationID?, _ packet: UnsafeMutableRawBufferPointer) {
        // usrsctp calls this under its own locks: only queue, never call back into it.
        guard let id, let association = associations[id] else { return }
        let wasEmpty = association.outgoing.isEmpty
        CRC32C.fill(in: packet)
        association.output(UnsafeRawBufferPointer(packet))
        if wasEmpty, !association.outgoing.isEmpty {
            touched.append(id)
        }
    }
}
