/// Which extensions the sender of an INIT has, of those that WebRTC uses (RFC 8831 §5). What else it names is passed
/// over: both sides must have an extension for it to be used, and we have only these.
public struct SupportedExtensions: Equatable, Sendable {
    // From RFC 3758 §3.2, RFC 6525 §3.1
    private static let forwardTSN: UInt8 = 192
    private static let reconfiguration: UInt8 = 130

    /// FORWARD TSN: messages may be given up (RFC 3758).
    public let partialReliability: Bool
    /// RE-CONFIG: streams may be reset (RFC 6525).
    public let streamReconfiguration: Bool

    init(partialReliability: Bool, streamReconfiguration: Bool) {
        self.partialReliability = partialReliability
        self.streamReconfiguration = streamReconfiguration
    }

    /// Reads all parameters; nil when one breaks its form.
    init?(_ parameters: ChunkParameters) {
        var parameters = parameters
        var partialReliability = false
        var streamReconfiguration = false
        while !parameters.isAtEnd {
            guard let parameter = parameters.next() else { return nil }
            switch parameter.type {
            case .forwardTSNSupported:
                partialReliability = true
            case .supportedExtensions:
                partialReliability = partialReliability || parameter.value.contains(Self.forwardTSN)
                streamReconfiguration = streamReconfiguration || parameter.value.contains(Self.reconfiguration)
            case .hostName:
                // RFC 9260 §3.3.2.1.4: an association that names a host is refused.
                return nil
            case let type where type.stopsReading:
                self.init(partialReliability: partialReliability, streamReconfiguration: streamReconfiguration)
                return
            default:
                continue
            }
        }
        self.init(partialReliability: partialReliability, streamReconfiguration: streamReconfiguration)
    }

    /// The parameters that say so, the last one unpadded.
    func serialized() -> [UInt8] {
        var types: [UInt8] = []
        if streamReconfiguration { types.append(Self.reconfiguration) }
        if partialReliability { types.append(Self.forwardTSN) }
        let forwardTSN = partialReliability ? ChunkParameters.parameter(.forwardTSNSupported, []) : []
        return forwardTSN + (types.isEmpty ? [] : ChunkParameters.last(.supportedExtensions, types))
    }
}
