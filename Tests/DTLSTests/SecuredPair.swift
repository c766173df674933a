import DTLS
import Primitives
import SimulationSupport

/// Our side of a game server's DTLS, and OpenSSL's, joined by a wire without delay, in virtual time.
final class SecuredPair {
    let client: DTLSConnection
    let front: SecuredFront
    private(set) var now = Instant(nanoseconds: 1_000_000_000)
    private(set) var atServer: [[UInt8]] = []
    private(set) var atClient: [[UInt8]] = []
    /// Datagrams for which this is true are lost; counted from 0 over both directions.
    var loses: (Int) -> Bool = { _ in false }
    private(set) var sent = 0
    /// What the client sent, in order, lost or not.
    private(set) var fromClient: [[UInt8]] = []

    static let address = TransportAddress(ipv4: 0x7F00_0001, port: 4000)

    init(
        _ front: SecuredFront, _ verification: ServerVerification, name: String = SecuredFront.name,
        recordSize: Int = 1392
    ) throws {
        VirtualTime.set(now)
        self.front = front
        client = try DTLSConnection(
            context: ClientContext(verification, serverName: name), recordSize: recordSize)
    }

    deinit {
        VirtualTime.clear()
    }

    /// After its handshake, with the server that `SecuredFront()` is.
    static func established(suites: String? = nil) throws -> SecuredPair {
        let certificate = try TestCertificate("any")
        let front = try SecuredFront(chain: [certificate], security: .none, suites: suites)
        let pair = try SecuredPair(front, .pin(certificate.fingerprint))
        pair.start()
        return pair
    }

    func start() {
        client.start(at: now)
        exchange()
    }

    /// Carries datagrams until neither side has any.
    func exchange() {
        var fromServer: [[UInt8]] = []
        repeat {
            var datagrams: [[UInt8]] = []
            client.outgoing.forEach { datagrams.append(Array($0)) }
            client.outgoing.removeAll()
            fromClient += datagrams
            for datagram in datagrams where isDelivered() {
                atServer += front.receive(datagram, from: Self.address, at: now)
            }
            fromServer.removeAll()
            front.drain { bytes, _ in if isDelivered() { fromServer.append(bytes) } }
            for datagram in fromServer { deliver(datagram) }
        } while !fromServer.isEmpty || !client.outgoing.isEmpty
    }

    @discardableResult
    func deliver(_ bytes: [UInt8]) -> DTLSConnection.Reception {
        bytes.withUnsafeBytes { datagram in
            let reception = client.receive(datagram, at: now)
            if reception == .record {
                while let record = client.nextRecord() { atClient.append(Array(record)) }
            }
            return reception
        }
    }

    /// Moves to the next deadline and retransmits; false when there is none.
    func advance() -> Bool {
        guard let next = [client.nextDeadline, front.nextDeadline].compactMap({ $0 }).min() else { return false }
        now = max(now, next)
        VirtualTime.set(now)
        client.advance(to: now)
        front.advance(to: now)
        exchange()
        return true
    }

    func send(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { client.send($0) }
    }

    private func isDelivered() -> Bool {
        defer { sent += 1 }
        return !loses(sent)
    }
}
