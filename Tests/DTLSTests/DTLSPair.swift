import Primitives
import SimulationSupport

@testable import DTLS

/// A client and a server joined by a wire without delay, in virtual time.
final class DTLSPair {
    let client: DTLSConnection
    let server: DTLSConnection
    private(set) var now = Instant(nanoseconds: 1_000_000_000)
    private(set) var atClient: [[UInt8]] = []
    private(set) var atServer: [[UInt8]] = []
    /// Datagrams for which this is true are lost; counted from 0 over both directions.
    var loses: (Int) -> Bool = { _ in false }
    /// A side whose datagrams are lost, all of them, while this is true.
    var isUnheard: (DTLSConnection) -> Bool = { _ in false }
    /// What each side sent, in order, lost or not.
    private(set) var fromClient: [[UInt8]] = []
    private(set) var fromServer: [[UInt8]] = []
    private(set) var sent = 0
    private(set) var largest = 0
    private(set) var last: [UInt8] = []

    static func context() throws -> DTLSContext { try DTLSContext(certificate: Certificate()) }

    init(
        client: DTLSContext, server: DTLSContext, expectedByClient: [CertificateFingerprint]? = nil,
        expectedByServer: [CertificateFingerprint]? = nil
    ) throws {
        VirtualTime.set(now)
        self.client = try DTLSConnection(
            context: client, role: .client, fingerprints: expectedByClient ?? [server.certificate.fingerprint])
        self.server = try DTLSConnection(
            context: server, role: .server, fingerprints: expectedByServer ?? [client.certificate.fingerprint])
    }

    deinit {
        VirtualTime.clear()
    }

    /// A pair with certificates of its own, after its handshake.
    static func established() throws -> DTLSPair {
        let pair = try DTLSPair(client: context(), server: context())
        pair.start()
        return pair
    }

    func start() {
        client.start(at: now)
        exchange()
    }

    /// Carries datagrams until neither side has any.
    func exchange() {
        while !client.outgoing.isEmpty || !server.outgoing.isEmpty {
            for bytes in take(client) { deliver(bytes, to: server) }
            for bytes in take(server) { deliver(bytes, to: client) }
        }
    }

    /// Moves to the next deadline and retransmits; false when there is none.
    func advance() -> Bool {
        guard let next = [client.nextDeadline, server.nextDeadline].compactMap({ $0 }).min() else { return false }
        now = max(now, next)
        VirtualTime.set(now)
        client.advance(to: now)
        server.advance(to: now)
        exchange()
        return true
    }

    func send(_ bytes: [UInt8], from connection: DTLSConnection) -> Bool {
        bytes.withUnsafeBytes { connection.send($0) }
    }

    @discardableResult
    func deliver(_ bytes: [UInt8], to target: DTLSConnection) -> DTLSConnection.Reception {
        bytes.withUnsafeBytes { datagram in
            let reception = target.receive(datagram, at: now)
            if reception == .record {
                while let record = target.nextRecord() {
                    if target === client { atClient.append(Array(record)) } else { atServer.append(Array(record)) }
                }
            }
            return reception
        }
    }

    /// What a side sends, whatever is lost.
    func takeAll(_ connection: DTLSConnection) -> [[UInt8]] {
        var datagrams: [[UInt8]] = []
        connection.outgoing.forEach { datagrams.append(Array($0)) }
        connection.outgoing.removeAll()
        return datagrams
    }

    func take(_ connection: DTLSConnection) -> [[UInt8]] {
        var datagrams: [[UInt8]] = []
        connection.outgoing.forEach { bytes in
            largest = max(largest, bytes.count)
            last = Array(bytes)
            if connection === client { fromClient.append(Array(bytes)) } else { fromServer.append(Array(bytes)) }
            if !loses(sent), !isUnheard(connection) { datagrams.append(Array(bytes)) }
            sent += 1
        }
        connection.outgoing.removeAll()
        return datagrams
    }
}
