import COpenSSL
import Primitives
import SimulationSupport
import Testing

@testable import DTLS

@Suite struct DTLSConnectionTests {
    @Test func recordsGoBothWaysWhole() throws {
        let pair = try DTLSPair.established()
        #expect(pair.client.state == .established)
        #expect(pair.server.state == .established)
        #expect(pair.largest <= DTLSConnection.datagramSize)
        let messages: [[UInt8]] = [[1], [UInt8](repeating: 2, count: 1_163), [3, 4]]
        for message in messages {
            #expect(pair.send(message, from: pair.client))
            #expect(pair.send(message, from: pair.server))
        }
        pair.exchange()
        #expect(pair.atServer == messages)
        #expect(pair.atClient == messages)
        #expect(pair.largest <= DTLSConnection.datagramSize)
        #expect(pair.client.nextDeadline == nil && pair.server.nextDeadline == nil)
    }

    @Test func nothingIsSentBeforeOrAfter() throws {
        let pair = try DTLSPair(client: DTLSPair.context(), server: DTLSPair.context())
        #expect(!pair.send([1], from: pair.client))
        pair.start()
        #expect(!pair.send([], from: pair.client))
        #expect(!pair.send([UInt8](repeating: 0, count: 1_500), from: pair.client))
        pair.client.close()
        #expect(!pair.send([1], from: pair.client))
    }

    @Test(arguments: HashAlgorithm.allCases) func everyHashNamesTheCertificate(algorithm: HashAlgorithm) throws {
        let (one, other) = (try DTLSPair.context(), try DTLSPair.context())
        let right = try #require(CertificateFingerprint(of: one.certificate.certificate, algorithm: algorithm))
        #expect(right.bytes.count == [.sha256: 32, .sha384: 48, .sha512: 64][algorithm])
        let pair = try DTLSPair(client: one, server: other, expectedByServer: [right])
        pair.start()
        #expect(pair.server.state == .established)

        var wrong = right.bytes
        wrong[wrong.count - 1] ^= 1
        let refused = try DTLSPair(
            client: one, server: other,
            expectedByServer: [CertificateFingerprint(algorithm: algorithm, bytes: wrong)])
        refused.start()
        #expect(refused.server.state == .closed(.fingerprintMismatch))
    }

    @Test func oneOfSeveralFingerprintsIsEnough() throws {
        let (one, other) = (try DTLSPair.context(), try DTLSPair.context())
        let pair = try DTLSPair(
            client: one, server: other,
            expectedByServer: [other.certificate.fingerprint, one.certificate.fingerprint])
        pair.start()
        #expect(pair.server.state == .established)
    }

    /// Whichever side sees the wrong certificate ends at once, the other is told, and no plaintext passes.
    @Test(arguments: [true, false]) func aWrongCertificateEndsAtOnce(seenByServer: Bool) throws {
        let (one, other) = (try DTLSPair.context(), try DTLSPair.context())
        let pair = try DTLSPair(
            client: one, server: other, expectedByClient: seenByServer ? nil : [],
            expectedByServer: seenByServer ? [] : nil)
        pair.start()
        let (sees, told) = seenByServer ? (pair.server, pair.client) : (pair.client, pair.server)
        #expect(sees.state == .closed(.fingerprintMismatch))
        guard case .closed(.failed) = told.state else {
            Issue.record("the other side is \(told.state)")
            return
        }
        #expect(!pair.send([1], from: sees) && !pair.send([1], from: told))
        #expect(pair.atClient.isEmpty && pair.atServer.isEmpty)
        #expect(sees.nextDeadline == nil)
    }

    /// Each single datagram of the handshake lost, and each two in a row: retransmission brings it to its end.
    @Test(arguments: 0..<6) func lostFlightsAreSentAgain(index: Int) throws {
        for count in 1...2 {
            let pair = try DTLSPair(client: DTLSPair.context(), server: DTLSPair.context())
            pair.loses = { (index..<index + count).contains($0) }
            let begin = pair.now
            pair.start()
            for _ in 0..<10 where pair.client.state != .established || pair.server.state != .established {
                if !pair.advance() { break }
            }
            #expect(pair.client.state == .established)
            #expect(pair.server.state == .established)
            #expect(pair.now.since(begin) < 400)
            pair.loses = { _ in false }
            #expect(pair.send([9], from: pair.server))
            pair.exchange()
            #expect(pair.atClient == [[9]])
        }
    }

    @Test func retransmissionsEndAtLast() throws {
        let pair = try DTLSPair(client: DTLSPair.context(), server: DTLSPair.context())
        pair.loses = { _ in true }
        let begin = pair.now
        pair.start()
        for _ in 0..<50 where pair.advance() {}
        guard case .closed(.failed) = pair.client.state else {
            Issue.record("still \(pair.client.state)")
            return
        }
        #expect(pair.now.since(begin) < 40_000)
        #expect(pair.client.nextDeadline == nil)
    }

    /// Forged, cut and repeated records: rejected, and the connection lives.
    @Test func garbageIsSurvived() throws {
        let pair = try DTLSPair.established()
        #expect(pair.send([7, 7, 7], from: pair.client))
        let good = try #require(pair.take(pair.client).first)
        var random = SeededRandom(seed: 1)
        for bit in 0..<good.count * 8 {
            var bytes = good
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(pair.deliver(bytes, to: pair.server) == .rejected)
        }
        for length in 0..<good.count { #expect(pair.deliver(Array(good.prefix(length)), to: pair.server) == .rejected) }
        for length in [1, 13, 100, 2_000, 20_000] {
            #expect(pair.deliver(random.bytes(length), to: pair.server) == .rejected)
        }
        #expect(pair.atServer.isEmpty)
        #expect(pair.deliver(good, to: pair.server) == .record)
        #expect(pair.deliver(good, to: pair.server) == .rejected)
        #expect(pair.atServer == [[7, 7, 7]])
    }

    /// Forged records of every type, epoch and length, in cipher suites of either overhead: none is answered, none
    /// ends the connection.
    @Test(arguments: ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"])
    func forgedRecordsAreSurvived(suite: String) throws {
        let client = try DTLSPair.context()
        #expect(SSL_CTX_set_cipher_list(client.context, suite) == 1)
        let pair = try DTLSPair(client: client, server: DTLSPair.context())
        pair.start()
        var random = SeededRandom(seed: 1)
        for type in 20...63 as ClosedRange<UInt8> {
            for epoch in 0...2 as ClosedRange<UInt8> {
                for length in 0...40 as ClosedRange<UInt8> {
                    let header: [UInt8] = [type, 254, 253, 0, epoch, 0, 0, 0, 0, 0, 9, 0, length]
                    #expect(pair.deliver(header + random.bytes(Int(length)), to: pair.server) == .rejected)
                }
            }
        }
        #expect(pair.take(pair.server).isEmpty)
        #expect(pair.send([1], from: pair.client))
        pair.exchange()
        #expect(pair.atServer == [[1]])
    }

    /// RFC 6347 §4.1.1: several records may share a datagram.
    @Test func twoRecordsInOneDatagram() throws {
        let pair = try DTLSPair.established()
        #expect(pair.send([1], from: pair.client) && pair.send([2, 2], from: pair.client))
        let both = pair.take(pair.client).flatMap { $0 }
        #expect(pair.deliver(both, to: pair.server) == .record)
        #expect(pair.atServer == [[1], [2, 2]])
    }

    @Test(arguments: [true, false]) func closeNotifyEndsBoth(byClient: Bool) throws {
        let pair = try DTLSPair.established()
        let (first, second) = byClient ? (pair.client, pair.server) : (pair.server, pair.client)
        first.close()
        #expect(first.state == .closed(.closedHere))
        pair.exchange()
        #expect(second.state == .closed(.peerClosed))
        #expect(pair.deliver([22, 254, 253], to: second) == .closed)
    }
}
