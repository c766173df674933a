import DTLS
import Primitives

enum DTLSBenchmarks {
    static let all =
        [100, 1100].flatMap { count in
            [
                MicroBenchmark(name: "dtls.seal-\(count)", meaning: "a record of \(count) bytes sealed") {
                    let pair = try DTLSPair()
                    let plaintext = [UInt8](repeating: 7, count: count)
                    return {
                        counted { expect(plaintext.withUnsafeBytes { pair.client.send($0) }, "Not sealed.") }
                        pair.client.outgoing.removeAll()
                    }
                },
                MicroBenchmark(name: "dtls.open-\(count)", meaning: "a record of \(count) bytes opened") {
                    let pair = try DTLSPair()
                    let plaintext = [UInt8](repeating: 7, count: count)
                    return {
                        _ = plaintext.withUnsafeBytes { pair.client.send($0) }
                        pair.client.outgoing.forEach { record in
                            counted {
                                _ = pair.server.receive(record, at: pair.now)
                                expect(pair.server.nextRecord()?.count == count, "Not opened.")
                                expect(pair.server.nextRecord() == nil, "Two were opened.")
                            }
                        }
                        pair.client.outgoing.removeAll()
                    }
                },
            ]
        } + [
            MicroBenchmark(
                name: "dtls.handshake", meaning: "a whole handshake, of both sides, with connections made and freed",
                rounds: 20
            ) {
                let contexts = try (DTLSPair.makeContext(), DTLSPair.makeContext())
                return { counted { expect((try? DTLSPair(contexts)) != nil, "The handshake failed.") } }
            }
        ]
}

/// A client and a server, which trust each other.
struct DTLSPair {
    let client: DTLSConnection
    let server: DTLSConnection
    let now = Instant(nanoseconds: 1_000_000_000)

    static func makeContext() throws(DTLSSetupError) -> DTLSContext {
        try DTLSContext(certificate: Certificate())
    }

    init() throws(DTLSSetupError) {
        try self.init((Self.makeContext(), Self.makeContext()))
    }

    init(_ contexts: (client: DTLSContext, server: DTLSContext)) throws(DTLSSetupError) {
        client = try DTLSConnection(
            context: contexts.client, role: .client, fingerprints: [contexts.server.certificate.fingerprint])
        server = try DTLSConnection(
            context: contexts.server, role: .server, fingerprints: [contexts.client.certificate.fingerprint])
        client.start(at: now)
        while !client.outgoing.isEmpty || !server.outgoing.isEmpty {
            carry(from: client, to: server)
            carry(from: server, to: client)
        }
        expect(client.state == .established && server.state == .established, "The handshake did not end.")
    }

    private func carry(from sender: DTLSConnection, to receiver: DTLSConnection) {
        sender.outgoing.forEach { _ = receiver.receive($0, at: now) }
        sender.outgoing.removeAll()
    }
}
