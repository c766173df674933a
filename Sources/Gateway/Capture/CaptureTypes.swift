import Primitives

/// Names one capture; no two in the life of a gateway have the same number.
public struct CaptureID: Hashable, Sendable {
    public let session: SessionID
    public let number: UInt64
}

/// Why a session is not captured.
public enum CaptureRefusal: Error, Equatable, CaseIterable, Sendable {
    case sessionUnknown
    /// It is being captured, by this one or another.
    case alreadyCaptured
    /// As many captures as there may be run, or were not fetched yet.
    case tooMany

    public var sentence: String {
        switch self {
        case .sessionUnknown: "There is no such session."
        case .alreadyCaptured: "The session is being captured already; stop that capture, or wait for its end."
        case .tooMany:
            "\(CaptureTable.limit) captures run or wait to be fetched, and there may be no more; stop one, or wait."
        }
    }
}

/// Why a capture is over.
public enum CaptureEnd: Equatable, Sendable {
    case stopped
    case durationReached
    case byteLimitReached
    case sessionEnded(EndReason)

    public var sentence: String {
        switch self {
        case .stopped: "The capture was stopped."
        case .durationReached: "The capture ended after the time it was given."
        case .byteLimitReached: "The capture ended because its file is as large as it may be."
        case .sessionEnded(let reason): "The session ended (\(reason.kind.rawValue))."
        }
    }
}

/// A piece of a capture's file. All pieces in order are the file.
public struct CapturedBytes: Sendable {
    public let bytes: [UInt8]
    /// Why there will be no more; nil while there may be.
    public let end: CaptureEnd?
}
