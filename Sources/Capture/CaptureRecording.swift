/// A capture file as it grows: bytes wait until they are taken, and there is a limit to those that wait and to the whole.
public struct CaptureRecording {
    /// What became of a packet.
    public enum Outcome: Equatable, Sendable {
        case written
        /// Too much waits to be taken, or it is too long for an IP packet: it is counted and not there.
        case dropped
        /// The file has become as large as it may.
        case full
    }

    // Our choice.
    /// Bytes kept for the statistics at the end of a file.
    static let closingRoom = 1024

    private var waiting: [UInt8] = []
    private var written = 0
    private let byteLimit: Int
    private let waitingLimit: Int
    private let start: UInt64
    private var tallies = [CaptureTally](repeating: CaptureTally(), count: CaptureInterface.allCases.count)
    /// Of each interface, the packets dropped since the last that was written.
    private var missing = [UInt64](repeating: 0, count: CaptureInterface.allCases.count)
    private var isClosed = false

    /// - Parameters:
    ///   - start: nanoseconds since 1970.
    ///   - descriptions: of the interfaces, for people.
    ///   - byteLimit: of the whole file.
    ///   - waitingLimit: of what was not taken yet.
    public init(
        start: UInt64, comment: String, descriptions: (CaptureInterface) -> String, byteLimit: Int, waitingLimit: Int
    ) {
        self.start = start
        self.byteLimit = byteLimit
        self.waitingLimit = waitingLimit
        SectionHeaderBlock(application: "torii", comment: comment).append(to: &waiting)
        for interface in CaptureInterface.allCases {
            InterfaceDescriptionBlock(name: interface.name, description: descriptions(interface))
                .append(to: &waiting)
        }
        written = waiting.count
    }

    /// Bytes that wait to be taken.
    public var waitingCount: Int { waiting.count }

    public func tally(of interface: CaptureInterface) -> CaptureTally { tallies[Int(interface.rawValue)] }

    /// Adds a packet; nil stands for one that cannot be shown.
    ///
    /// - Parameter time: nanoseconds since 1970.
    public mutating func append(
        _ packet: [UInt8]?, on interface: CaptureInterface, _ direction: PacketDirection, at time: UInt64,
        comment: String? = nil
    ) -> Outcome {
        precondition(!isClosed, "A capture that was closed takes no packets.")
        let index = Int(interface.rawValue)
        tallies[index].seen += 1
        guard let packet else { return drop(index) }
        var block: [UInt8] = []
        EnhancedPacketBlock(
            interface: interface, time: time, direction: direction, dropped: missing[index], comment: comment,
            packet: packet
        ).append(to: &block)
        guard written + block.count + Self.closingRoom <= byteLimit else {
            _ = drop(index)
            return .full
        }
        guard waiting.count + block.count + Self.closingRoom <= waitingLimit else { return drop(index) }
        missing[index] = 0
        waiting += block
        written += block.count
        return .written
    }

    private mutating func drop(_ index: Int) -> Outcome {
        tallies[index].dropped += 1
        missing[index] += 1
        return .dropped
    }

    /// Ends the file; once.
    ///
    /// - Parameters:
    ///   - end: nanoseconds since 1970.
    ///   - comment: why it ends.
    public mutating func close(at end: UInt64, comment: String) {
        precondition(!isClosed, "A capture is closed once.")
        isClosed = true
        for interface in CaptureInterface.allCases {
            InterfaceStatisticsBlock(
                interface: interface, start: start, end: end, tally: tallies[Int(interface.rawValue)],
                comment: comment
            ).append(to: &waiting)
        }
    }

    /// What was written since the last time.
    public mutating func take() -> [UInt8] {
        defer { waiting = [] }
        return waiting
    }
}
