import Primitives
import TLS

/// What protects a document on its way.
public enum DocumentSecurity: Equatable, Sendable {
    case none
    /// TLS, whose certificate must be for the host and from one of these authorities, in PEM form; nil for those that the
    /// system trusts.
    case tls(authorities: [UInt8]?)
}

/// Bytes over TLS on a TCP connection, each call no longer than that one's deadline.
final class SecuredStream {
    private let stream: ByteStream
    private let connection: TLSConnection

    // Our choice.
    private static let pieceLength = 16_384

    /// Shakes hands; throws when the server is not who it should be.
    init(_ stream: ByteStream, host: String, authorities: [UInt8]?) throws(DiscoveryError) {
        self.stream = stream
        do throws(TLSSetupError) {
            connection = try TLSConnection.client(
                try TLSContext.client(authorities: authorities), host: host,
                isAddress: TransportAddress(literal: host, port: 0) != nil)
        } catch {
            throw DiscoveryError("TLS cannot be had: \(error)")
        }
        // Nothing but the handshake's can come before a request.
        _ = try next()
        while !connection.isEstablished {
            try receiveMore()
            _ = try next()
        }
    }

    func write(_ bytes: [UInt8]) throws(DiscoveryError) {
        do throws(TLSFault) {
            try bytes.withUnsafeBytes { bytes in
                Result { () throws(TLSFault) in try connection.write(bytes) }
            }.get()
        } catch {
            throw DiscoveryError("\(error)")
        }
        try stream.write(connection.takeOutgoing())
    }

    /// Everything up to the end, and whether the server said that it is the end (close_notify): what has none may have been
    /// cut off by somebody on the way (RFC 9112 §9.8).
    func readAll(atMost limit: Int) throws(DiscoveryError) -> (bytes: [UInt8], isWhole: Bool) {
        var bytes: [UInt8] = []
        while true {
            switch try next() {
            case .bytes(let some): bytes += some
            case .end: return (bytes, true)
            case .nothing:
                let more = try stream.read(atMost: Self.pieceLength)
                guard !more.isEmpty else { return (bytes, false) }
                more.withUnsafeBytes { connection.receive($0) }
            }
            guard bytes.count <= limit else { throw DiscoveryError("it has more than \(limit) bytes") }
        }
    }

    private func receiveMore() throws(DiscoveryError) {
        let more = try stream.read(atMost: Self.pieceLength)
        guard !more.isEmpty else { throw DiscoveryError("it hung up in the middle of TLS's handshake") }
        more.withUnsafeBytes { connection.receive($0) }
    }

    private func next() throws(DiscoveryError) -> TLSConnection.Reading {
        do throws(TLSFault) {
            let reading = try connection.read()
            try? stream.write(connection.takeOutgoing())
            return reading
        } catch {
            // The alert that says so to the server, too.
            try? stream.write(connection.takeOutgoing())
            throw DiscoveryError("\(error)")
        }
    }
}
