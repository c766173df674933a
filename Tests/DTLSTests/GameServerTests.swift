import Primitives
import SimulationSupport
import Testing

@testable import DTLS

/// The client's side of a game server's DTLS.
@Suite struct GameServerTests {
    @Test func recordsGoBothWaysOneToADatagram() throws {
        let pair = try SecuredPair.established()
        try #require(pair.client.state == .established)
        let before = pair.fromClient.count
        let messages = [[1], [UInt8](repeating: 2, count: 1392), [3, 4]]
        for message in messages {
            #expect(pair.send(message))
            pair.front.send(message, to: SecuredPair.address, at: pair.now)
        }
        pair.exchange()
        #expect(pair.atServer == messages)
        #expect(pair.atClient == messages)
        #expect(pair.fromClient.count == before + messages.count)
        #expect(!pair.send([UInt8](repeating: 0, count: 1393)))
        #expect(pair.client.nextDeadline == nil)
    }

    /// What the gateway's budgets count on.
    @Test(arguments: [
        ("ECDHE-ECDSA-AES128-GCM-SHA256", 37), ("ECDHE-ECDSA-AES256-GCM-SHA384", 37),
        ("ECDHE-ECDSA-CHACHA20-POLY1305", 29),
    ])
    func everySuiteAddsWhatIsKnown(suite: String, overhead: Int) throws {
        let pair = try SecuredPair.established(suites: suite)
        for count in [1, 100, 1392] {
            #expect(pair.send([UInt8](repeating: 7, count: count)))
            pair.exchange()
            #expect(pair.fromClient.last?.count == count + overhead)
        }
        #expect(overhead <= DTLSConnection.recordOverhead)
    }

    @Test(arguments: ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"])
    func aServerWithAnRSAKeyHasItsSuites(suite: String) throws {
        let certificate = try TestCertificate("any", key: .rsa2048)
        let front = try SecuredFront(chain: [certificate], security: .none, suites: suite)
        let pair = try SecuredPair(front, .pin(certificate.fingerprint))
        pair.start()
        #expect(pair.client.state == .established)
    }

    /// RFC 6347 §4.2.1: the second ClientHello carries the cookie. Servers of mbedTLS take each in one piece only.
    @Test func aClientHelloIsNeverCut() throws {
        let front = try SecuredFront(chain: [TestCertificate("any")], security: .none)
        let name = Array(repeating: String(repeating: "n", count: 50), count: 5).joined(separator: ".")
        let pair = try SecuredPair(front, .none, name: name, recordSize: 576)
        pair.start()
        #expect(pair.client.state == .established)
        let hellos = pair.fromClient.filter { $0[0] == 22 && $0[13] == 1 }
        #expect(hellos.count == 2)
        for hello in hellos {
            // Length, fragment offset, fragment length; three bytes each.
            #expect(hello[14..<17].elementsEqual(hello[22..<25]) && hello[19..<22].allSatisfy { $0 == 0 })
            #expect(String(decoding: hello, as: UTF8.self).contains(name))
            #expect(hello.count + 255 <= 1024)
        }
    }

    /// An address is nothing that a server may be asked for (RFC 6066 §3).
    @Test func anAddressIsNotAskedFor() throws {
        let front = try SecuredFront(chain: [TestCertificate("any")], security: .none)
        let pair = try SecuredPair(front, .none, name: "192.0.2.7")
        pair.start()
        #expect(pair.client.state == .established)
        #expect(!String(decoding: pair.fromClient[0], as: UTF8.self).contains("192.0.2.7"))
    }

    /// Whatever its certificates come to, the server's flight is one datagram.
    @Test func aFlightMayBeLargerThanAnyMTU() throws {
        let root = try TestCertificate("Root", isAuthority: true)
        let leaf = try TestCertificate("leaf", names: (0..<700).map { "DNS:n\($0).game.example" }, issuer: root)
        let front = try SecuredFront(chain: [leaf], security: .none)
        let pair = try SecuredPair(front, .name(root.authorities), name: "n699.game.example")
        pair.start()
        #expect(pair.client.state == .established)
        #expect((12_000...16_000).contains(front.largestDatagram))
    }

    /// Each single datagram of the handshake lost, and each two in a row: retransmission brings it to its end.
    @Test(arguments: 0..<7) func lostFlightsAreSentAgain(index: Int) throws {
        for count in 1...2 {
            let pair = try SecuredPair(SecuredFront(), Self.verification())
            pair.loses = { (index..<index + count).contains($0) }
            let begin = pair.now
            pair.start()
            for _ in 0..<12 where pair.client.state != .established {
                if !pair.advance() { break }
            }
            #expect(pair.client.state == .established)
            #expect(pair.now.since(begin) < 2_500)
            pair.loses = { _ in false }
            #expect(pair.send([9]))
            pair.exchange()
            #expect(pair.atServer == [[9]])
        }
    }

    private static func verification() throws -> ServerVerification {
        guard case .dtls(let verification, _) = try SecuredFront().security else { return .none }
        return verification
    }

    @Test func aServerThatSaysNothingIsAskedForAWhile() throws {
        let pair = try SecuredPair(SecuredFront(), .none)
        pair.loses = { _ in true }
        let begin = pair.now
        pair.start()
        for _ in 0..<50 where pair.advance() {}
        guard case .closed(.failed) = pair.client.state else {
            Issue.record("still \(pair.client.state)")
            return
        }
        #expect(pair.now.since(begin) < 40_000)
    }

    /// What is no record is told from the handshake, before it, in it and after it, and changes nothing.
    @Test func garbageIsRejectedAtAnyTime() throws {
        let pair = try SecuredPair(SecuredFront(), Self.verification())
        var random = SeededRandom(seed: 7)
        func expectRejections() {
            for length in [0, 1, 12, 13, 14, 60, 500, 1_500, 17_000] {
                for first in [0, 19, 22, 24, 63, 255] as [UInt8] {
                    var bytes = random.bytes(length)
                    if length > 0 { bytes[0] = first }
                    // A version that is none.
                    if length > 1 { bytes[1] = 3 }
                    #expect(pair.deliver(bytes) == .rejected)
                }
            }
            // A record that ends before its length.
            #expect(pair.deliver([22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 40, 2]) == .rejected)
        }
        pair.client.start(at: pair.now)
        expectRejections()
        #expect(pair.client.state == .handshaking)
        // Up to the cookie's request and no further.
        pair.loses = { $0 >= 2 }
        pair.exchange()
        expectRejections()
        pair.loses = { _ in false }
        while pair.client.state == .handshaking, pair.advance() {}
        #expect(pair.client.state == .established)
        expectRejections()
        pair.front.send([5], to: SecuredPair.address, at: pair.now)
        pair.exchange()
        #expect(pair.atClient == [[5]])
    }

    /// Well-formed records of every type and epoch that nobody sealed: none is answered, none ends the connection, also
    /// with a release of OpenSSL that short ones make stumble.
    @Test(arguments: ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"])
    func forgedRecordsAreRejected(suite: String) throws {
        let pair = try SecuredPair.established(suites: suite)
        let before = pair.fromClient.count
        var random = SeededRandom(seed: 1)
        for type in 20...24 as ClosedRange<UInt8> {
            for epoch in 0...2 as ClosedRange<UInt8> {
                for length in 0...60 as ClosedRange<UInt8> {
                    let header: [UInt8] = [type, 254, 253, 0, epoch, 0, 0, 0, 0, 0, 99, 0, length]
                    #expect(pair.deliver(header + random.bytes(Int(length))) == .rejected)
                }
            }
        }
        pair.exchange()
        #expect(pair.fromClient.count == before)
        #expect(pair.send([1]))
        pair.exchange()
        #expect(pair.atServer == [[1]])
    }

    /// What every DTLS suffers, and Deploy/routes.md owns up to: an alert is not protected before the handshake is done.
    @Test func aForgedAlertEndsAHandshakeAndNothingElse() throws {
        let alert: [UInt8] = [21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40]
        let pair = try SecuredPair(SecuredFront(), .none)
        pair.client.start(at: pair.now)
        #expect(pair.deliver(alert) == .closed)
        guard case .closed(.failed(let words)) = pair.client.state else {
            Issue.record("it is \(pair.client.state)")
            return
        }
        #expect(words.contains("handshake failure"))
        let established = try SecuredPair.established()
        #expect(established.deliver(alert) == .rejected)
        #expect(established.client.state == .established)
    }

    /// A busy server answers within a frame or two; each copy of a flight costs it its certificates once more.
    @Test func theFirstRetransmissionWaitsLongerThanABrowsers() throws {
        let pair = try SecuredPair(SecuredFront(), .none)
        pair.client.start(at: pair.now)
        let wait = try #require(pair.client.nextDeadline).since(pair.now)
        #expect((200...202).contains(wait.whole))
    }

    @Test func closeNotifyGoesBothWays() throws {
        let pair = try SecuredPair.established()
        pair.client.close()
        pair.exchange()
        #expect(pair.front.closures == 1)
        let other = try SecuredPair.established()
        other.front.close(SecuredPair.address, at: other.now)
        other.exchange()
        #expect(other.client.state == .closed(.peerClosed))
    }
}
