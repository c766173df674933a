import Primitives

/// Asks a server of DTLS whether it is there, without what lies above DTLS taking notice: the first message of a handshake.
///
/// Servers that ask for a cookie (RFC 6347 §4.2.1), Godot's among them, answer it and forget it. Others answer with their
/// certificate and wait for more; an alert tells them that nothing comes.
///
/// Left out: everything that comes after, which would cost the server a signature each time; so whose certificate it has, and
/// whether anything answers above DTLS.
public struct HandshakeProbe {
    private var hello: [UInt8]
    private var asked: UInt8 = 0

    // From RFC 6347 §4.1 and §4.3.2, RFC 5246 §7.2 and §7.4.
    private static let alert: UInt8 = 21
    private static let handshake: UInt8 = 22
    private static let serverHello: UInt8 = 2
    private static let helloVerifyRequest: UInt8 = 3
    private static let fatal: UInt8 = 2
    private static let userCanceled: UInt8 = 90
    private static let recordHeader = 13
    private static let handshakeHeader = 12
    /// The last byte of a record's number, and before it the epoch and the number's other bytes.
    private static let numberEnd = 10

    /// - Parameter serverName: the host name or address the server is known by, which is asked for as players ask.
    public init(serverName: String) throws(DTLSSetupError) {
        let context = try ClientContext(.none, serverName: serverName)
        let connection = try DTLSConnection(context: context, recordSize: DTLSConnection.datagramSize)
        connection.start(at: .zero)
        var hello: [UInt8] = []
        connection.outgoing.forEach { hello += $0 }
        self.hello = hello
    }

    /// The datagram to send, and to send again, each time as a record of its own (RFC 6347 §4.2.4).
    public mutating func question() -> [UInt8] {
        defer { asked &+= 1 }
        hello[Self.numberEnd] = asked
        return hello
    }

    /// What a datagram from the server's address comes to: nil when it is no answer, otherwise the datagram to send so
    /// that the server forgets of it all; empty when it has forgotten already.
    public func farewell(to datagram: UnsafeRawBufferPointer) -> [UInt8]? {
        guard datagram.count >= Self.recordHeader + Self.handshakeHeader, datagram[0] == Self.handshake,
            datagram[1] == 0xFE, datagram[3] == 0, datagram[4] == 0
        else { return nil }
        switch datagram[Self.recordHeader] {
        case Self.helloVerifyRequest: return []
        case Self.serverHello:
            return [Self.alert, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, asked, 0, 2, Self.fatal, Self.userCanceled]
        default: return nil
        }
    }
}
