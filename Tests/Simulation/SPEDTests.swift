import DTLS
import Gateway
import Primitives
import SDP
import STUN
import SimulationSupport
import Testing

/// DTLS that comes inside connectivity checks (draft-hancke-webrtc-sped).
@Suite(.onTheSCTPStack) struct SPEDTests {
    private static let address = TransportAddress(ipv4: 0xCB00_7109, port: 5555)

    /// A join whose browser is not there, so that checks can be made by hand, and the DTLS flight it would send.
    private final class Join {
        let world: SimulatedWorld
        let session: SessionID
        let remote: DataChannelDescription
        let dtls: DTLSConnection
        private var transactions: UInt64 = 0

        init() throws {
            world = try SimulatedWorld(seed: 6)
            let browser = try world.makeBrowser()
            let answer = try world.join(browser)
            browser.vanish()
            session = answer.session
            remote = try DataChannelDescription(answer: SessionDescription(parsing: answer.sdp))
            dtls = try DTLSConnection(
                context: DTLSContext(certificate: Certificate()), role: .client,
                fingerprints: remote.fingerprints.map {
                    CertificateFingerprint(algorithm: .sha256, bytes: $0.bytes)
                })
            dtls.start(at: world.now)
        }

        /// The client's flight, and empties it.
        func flight() -> [[UInt8]] {
            var datagrams: [[UInt8]] = []
            dtls.outgoing.forEach { datagrams.append(Array($0)) }
            dtls.outgoing.removeAll()
            return datagrams
        }

        func check(_ datagram: [UInt8]?, acknowledges: Bool = true, password: String? = nil) -> [UInt8] {
            transactions += 1
            var builder = STUNMessageBuilder(.request, transactionID: TransactionID(high: 7, low: transactions))
            builder.append(usernameFor: remote.credentials.ufrag.utf8, from: "abcd".utf8)
            builder.append(role: .controlling(tieBreaker: 1))
            builder.append(priority: 1)
            if acknowledges { builder.append(.dtlsAcknowledgement, value: []) }
            if let datagram { builder.append(.dtls, value: datagram) }
            return builder.finish(integrityKey: Array((password ?? remote.credentials.password).utf8))
        }

        /// What the gateway sends back: STUN messages and DTLS datagrams.
        func sent(for bytes: [UInt8]) -> (stun: [[UInt8]], dtls: [[UInt8]]) {
            var outbox = Outbox()
            bytes.withUnsafeBytes {
                world.core.receive($0, from: .udp(SPEDTests.address), at: world.now, into: &outbox)
            }
            while world.core.settle(at: world.now, into: &outbox) {}
            var stun: [[UInt8]] = []
            var dtls: [[UInt8]] = []
            outbox.toBrowsers.forEach { datagram, _ in
                if datagram[0] < 4 { stun.append(Array(datagram)) } else { dtls.append(Array(datagram)) }
            }
            return (stun, dtls)
        }
    }

    /// The CRC-32s of the response's 0xC071; nil without one.
    private func acknowledged(_ response: [UInt8]?) -> [UInt32]? {
        guard let response else { return nil }
        var reader = response[20...]
        while reader.count >= 4 {
            let bytes = Array(reader)
            let length = Int(bytes[2]) << 8 | Int(bytes[3])
            if bytes[0] == 0xC0, bytes[1] == 0x71 {
                return stride(from: 4, to: 4 + length, by: 4).map { start in
                    bytes[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
                }
            }
            reader = reader.dropFirst(4 + length + (-length & 3))
        }
        return nil
    }

    /// The first check brings the ClientHello, and the server's flight goes out beside its response: a round trip less.
    @Test func theHandshakeGoesOnInsideChecks() throws {
        let join = try Join()
        let hello = join.flight()
        var acknowledgement = DTLSAcknowledgement()
        var answers: [[UInt8]] = []
        for datagram in hello {
            acknowledgement.note(datagram)
            let sent = join.sent(for: join.check(datagram))
            #expect(sent.stun.count == 1)
            #expect(acknowledged(sent.stun.first) == acknowledgement.values)
            answers += sent.dtls
        }
        #expect(!answers.isEmpty)
        for datagram in answers { _ = datagram.withUnsafeBytes { join.dtls.receive($0, at: join.world.now) } }
        // The client's last flight may come as it is or inside a check; with it the client's certificate, which is not
        // the one the offer promised.
        let last = join.flight()
        #expect(!last.isEmpty)
        for datagram in last { _ = join.sent(for: join.check(datagram)) }
        #expect(join.world.core.status(of: join.session)?.reason == .certificateMismatch)
    }

    /// Only a check that is authentic feeds DTLS.
    @Test func aForgedCheckFeedsNothing() throws {
        let join = try Join()
        let hello = join.flight()
        for datagram in hello {
            let sent = join.sent(for: join.check(datagram, password: "not the right password"))
            #expect(sent.dtls.isEmpty)
            #expect(acknowledged(sent.stun.first) == nil)
        }
        #expect(join.world.core.drops[.stunIntegrityMismatch] == UInt64(hello.count))
        // The right one then finds DTLS untouched.
        #expect(hello.map { join.sent(for: join.check($0)).dtls.count }.reduce(0, +) > 0)
    }

    /// Without either attribute a response is as ever; with none but its own acknowledgement, it says: nothing yet.
    @Test func whoDoesNotEmbedIsNotAnswered() throws {
        let join = try Join()
        #expect(acknowledged(join.sent(for: join.check(nil, acknowledges: false)).stun.first) == nil)
        #expect(acknowledged(join.sent(for: join.check(nil)).stun.first) == [])
        #expect(acknowledged(join.sent(for: join.check([])).stun.first) == [])
        #expect(acknowledged(join.sent(for: join.check([], acknowledges: false)).stun.first) == [])
    }

    /// What is no DTLS goes nowhere, and what comes again does no harm.
    @Test func garbageAndRepetitions() throws {
        let join = try Join()
        for garbage in [[0, 1, 2], [255], [19], [64]] as [[UInt8]] {
            let sent = join.sent(for: join.check(garbage))
            #expect(sent.dtls.isEmpty)
            #expect(acknowledged(sent.stun.first) == [])
        }
        for garbage in [[UInt8](repeating: 22, count: 1000), [22, 254, 253]] as [[UInt8]] {
            #expect(join.sent(for: join.check(garbage)).dtls.isEmpty)
        }
        let hello = join.flight()
        #expect(hello.map { join.sent(for: join.check($0)).dtls.count }.reduce(0, +) > 0)
        for _ in 0..<20 { for datagram in hello { _ = join.sent(for: join.check(datagram)) } }
        #expect(join.world.core.status(of: join.session) == .joining)
    }
}
