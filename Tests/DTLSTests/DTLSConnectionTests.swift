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

    /// Browsers wait 50 ms for an answer, and so do we: OpenSSL's own second would cost a player that.
    @Test func theFirstRetransmissionComesAfter50Milliseconds() throws {
        let pair = try DTLSPair(client: DTLSPair.context(), server: DTLSPair.context())
        pair.loses = { $0 == 0 }
        let begin = pair.now
        pair.start()
        #expect(pair.sent == 1 && pair.advance())
        #expect((50...52).contains(pair.now.since(begin).whole))
        #expect(pair.client.state == .established && pair.server.state == .established)
        // The server's flight, which nothing else would ask for again in time.
        let other = try DTLSPair(client: DTLSPair.context(), server: DTLSPair.context())
        other.loses = { (1...3).contains($0) }
        other.start()
        #expect(other.client.state == .handshaking)
        #expect((50...52).contains(try #require(other.server.nextDeadline).since(other.now).whole))
    }

    /// With a post-quantum key share a browser's ClientHello is two datagrams, and the network may turn them round.
    @Test(arguments: [false, true]) func aClientHelloInTwoDatagrams(secondComesFirst: Bool) throws {
        let pair = try DTLSPair(client: DTLSPair.context(), server: DTLSPair.context())
        pair.client.start(at: pair.now)
        let hello = try #require(pair.take(pair.client).first)
        let parts = Self.halves(ofHandshake: hello)
        for part in secondComesFirst ? parts.reversed() : parts {
            #expect(pair.take(pair.server).isEmpty)
            #expect(pair.deliver(part, to: pair.server) == .handshake)
        }
        pair.exchange()
        #expect(pair.client.state == .established && pair.server.state == .established)
        #expect(pair.send([5], from: pair.client))
        pair.exchange()
        #expect(pair.atServer == [[5]])
    }

    /// One unprotected handshake message as two fragments in a record each (RFC 6347 §4.2.2, §4.2.3).
    private static func halves(ofHandshake record: [UInt8]) -> [[UInt8]] {
        let recordHeader = 13
        let body = Array(record.dropFirst(recordHeader + 12))
        let middle = body.count / 2
        func number(_ value: Int) -> [UInt8] { [UInt8(value >> 16), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)] }
        // The sequence numbers after the first are for the client's next records.
        return [(0..<middle, 0 as UInt8), (middle..<body.count, 50)].map { range, sequenceNumber in
            let fragment =
                record[recordHeader..<recordHeader + 6] + number(range.lowerBound) + number(range.count) + body[range]
            return record[..<10] + [sequenceNumber] + number(fragment.count).dropFirst() + fragment
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
