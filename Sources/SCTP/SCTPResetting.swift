import CUSRSCTP

// Resetting our outgoing side of streams (RFC 6525), which is how a data channel is closed (RFC 8831 §6.7).
extension SCTPAssociation {
    /// Resets the streams, after all that was sent on them. Until `outgoingStreamsReset` nothing more can be sent on
    /// them. False when there is no such stream.
    @discardableResult
    public func resetOutgoingStreams(_ streams: [UInt16]) -> Bool {
        let known = streams.filter { $0 < outboundStreams }
        guard isEstablished, endReason == nil, !known.isEmpty else { return false }
        streamsToReset.formUnion(known)
        return true
    }

    /// RFC 6525 §5.1.2: nothing is sent on a stream from its request on until the answer.
    func isResetting(_ stream: UInt16) -> Bool {
        resettingStreams.contains(stream) || streamsToReset.contains(stream)
    }

    /// Tells usrsctp of the streams to reset. It asks for one set of streams after the other by itself.
    func requestResets() {
        guard !streamsToReset.isEmpty, let socket, isEstablished else { return }
        // A stream whose last message still waits here, or whose earlier reset is under way, has to wait.
        let ready = streamsToReset.subtracting(resettingStreams).filter { $0 != held?.stream }.sorted()
        guard let highest = ready.last, waitsForStreams(highest) == nil, growth.wantedOutbound == nil,
            request(ready, of: socket)
        else { return }
        resettingStreams.formUnion(ready)
        streamsToReset.subtract(ready)
    }

    private func request(_ streams: [UInt16], of socket: OpaquePointer) -> Bool {
        let headerSize = MemoryLayout<sctp_reset_streams>.size
        var option = [UInt8](repeating: 0, count: headerSize + streams.count * 2)
        return option.withUnsafeMutableBytes { bytes in
            var header = sctp_reset_streams()
            header.srs_flags = UInt16(SCTP_STREAM_RESET_OUTGOING)
            header.srs_number_streams = UInt16(streams.count)
            bytes.storeBytes(of: header, as: sctp_reset_streams.self)
            for (index, stream) in streams.enumerated() {
                bytes.storeBytes(of: stream, toByteOffset: headerSize + index * 2, as: UInt16.self)
            }
            return usrsctp_setsockopt(
                socket, sctpLevel, SCTP_RESET_STREAMS, bytes.baseAddress, socklen_t(bytes.count)) == 0
        }
    }

    /// The peer's answer to a request. One that failed, as while data from before is missing (Reconfiguration.swift),
    /// is made again under a new number; one that was denied is not: the peer then goes on with the stream as it was.
    func resetAnswered(_ streams: [UInt16], isFailed: Bool) -> SCTPEvent? {
        // No streams named stands for all.
        let streams = streams.isEmpty ? resettingStreams.sorted() : streams
        resettingStreams.subtract(streams)
        guard isFailed else { return .outgoingStreamsReset(streams) }
        streamsToReset.formUnion(streams)
        return nil
    }
}
