extension JoinRefusal {
    /// A refusal without its particulars: a closed list, whose raw names are the metric's label.
    public enum Kind: String, CaseIterable, Sendable {
        case routeUnknown = "route-unknown"
        case peerIDOutOfRange = "peer-id-out-of-range"
        case peerIDNotUsed = "peer-id-not-used"
        case peerIDTaken = "peer-id-taken"
        case connectDataNotUsed = "connect-data-not-used"
        case noServerKnown = "no-server-known"
        case noServerHealthy = "no-server-healthy"
        case serversFull = "servers-full"
        case serverUnknown = "server-unknown"
        case serverChoiceNotAllowed = "server-choice-not-allowed"
        case full
        case tooManyJoins = "too-many-joins"
        case tooManySessions = "too-many-sessions"
        case tooManyJoinsOverall = "too-many-joins-overall"
        case shortOfDescriptors = "short-of-descriptors"
        case shortOfMemory = "short-of-memory"
        case draining
        case stopping
    }

    public var kind: Kind {
        switch self {
        case .routeUnknown: .routeUnknown
        case .peerIDOutOfRange: .peerIDOutOfRange
        case .peerIDNotUsed: .peerIDNotUsed
        case .peerIDTaken: .peerIDTaken
        case .connectDataNotUsed: .connectDataNotUsed
        case .noServer(.noneKnown): .noServerKnown
        case .noServer(.noneHealthy), .noServer(.chosenIsDown): .noServerHealthy
        case .noServer(.allFull), .noServer(.chosenIsFull): .serversFull
        case .serverUnknown: .serverUnknown
        case .serverChoiceNotAllowed: .serverChoiceNotAllowed
        case .full: .full
        case .tooManyJoins: .tooManyJoins
        case .tooManySessions: .tooManySessions
        case .tooManyJoinsOverall: .tooManyJoinsOverall
        case .shortage(.descriptors): .shortOfDescriptors
        case .shortage(.memory): .shortOfMemory
        case .draining: .draining
        case .stopping: .stopping
        }
    }
}
