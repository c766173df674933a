import Primitives

/// How much of a session is captured.
public struct CaptureOptions: Sendable {
    /// What becomes of bytes that a page or a game wrote.
    public enum Payloads: Sendable {
        /// Zeros stand for them.
        case zeroed
        /// They are in the file as they are: chat, voice, whatever was sent.
        case kept
    }

    public let payloads: Payloads
    /// After which it ends by itself.
    public let duration: Milliseconds
    /// Bytes of the file at which it ends by itself.
    public let byteLimit: Int

    // Our choice.
    public static let durations: ClosedRange<Milliseconds> = 1000 ... .seconds(600)
    public static let byteLimits = 16_384...(64 << 20)

    public init(
        payloads: Payloads = .zeroed, duration: Milliseconds = .seconds(60), byteLimit: Int = 16 << 20
    ) throws(CaptureOptionsFault) {
        guard Self.durations.contains(duration) else { throw .duration }
        guard Self.byteLimits.contains(byteLimit) else { throw .byteLimit }
        self.payloads = payloads
        self.duration = duration
        self.byteLimit = byteLimit
    }
}

/// What of a capture's options cannot be.
public enum CaptureOptionsFault: Error, CaseIterable, CustomStringConvertible {
    case duration
    case byteLimit

    public var description: String {
        switch self {
        case .duration:
            "A capture lasts \(CaptureOptions.durations.lowerBound.whole / 1000) to "
                + "\(CaptureOptions.durations.upperBound.whole / 1000) seconds."
        case .byteLimit:
            "A capture's file has \(CaptureOptions.byteLimits.lowerBound) to "
                + "\(CaptureOptions.byteLimits.upperBound) bytes."
        }
    }
}
