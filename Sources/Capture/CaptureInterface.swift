/// A session's two sides, each an interface of the file. The numbers are their places in it.
public enum CaptureInterface: UInt32, CaseIterable, Sendable {
    case browser = 0
    case server = 1

    var name: String {
        switch self {
        case .browser: "browser"
        case .server: "server"
        }
    }
}

/// Which way a packet went, as the gateway sees it. The numbers are pcapng's (§4.3, epb_flags).
public enum PacketDirection: UInt32, Sendable {
    case received = 1
    case sent = 2
}

/// What became of an interface's packets.
public struct CaptureTally: Equatable, Sendable {
    /// All there were while the capture ran.
    public internal(set) var seen: UInt64 = 0
    /// Those of them that are not in the file.
    public internal(set) var dropped: UInt64 = 0
}
