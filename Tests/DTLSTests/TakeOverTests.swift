import COpenSSL
import Primitives
import SimulationSupport
import Testing

@testable import DTLS

/// When the record layer takes over from OpenSSL, and that nothing is lost, repeated or used twice by it. The other side
/// keeps to OpenSSL.
@Suite struct TakeOverTests {
    static let suites = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305",
    ]

    /// Before its handshake, all on one suite; the side that is not `role` keeps to OpenSSL.
    static func pair(_ role: DTLSConnection.Role, suite: String = suites[0]) throws -> DTLSPair {
        let client = try DTLSPair.context()
        #expect(SSL_CTX_set_cipher_list(client.context, suite) == 1)
        let pair = try DTLSPair(client: client, server: DTLSPair.context())
        (role == .client ? pair.server : pair.client).takesOver = false
        return pair
    }

    @Test(arguments: suites, [DTLSConnection.Role.client, .server])
    func openSSLUnderstandsItAndItOpenSSL(suite: String, role: DTLSConnection.Role) throws {
        let pair = try Self.pair(role, suite: suite)
        pair.start()
        let (ours, theirs) = role == .client ? (pair.client, pair.server) : (pair.server, pair.client)
        #expect(ours.state == .established && theirs.state == .established)
        #expect(theirs.records == nil && theirs.ssl != nil)
        let messages = [1, 2, 100, 1_163, 1_400].map { [UInt8](repeating: UInt8($0 & 255), count: $0) }
        for round in 0..<20 {
            for side in [theirs, ours] {
                for message in messages {
                    #expect(pair.send(message + [UInt8(round)].prefix(1_400 - message.count), from: side))
                }
                pair.exchange()
            }
        }
        #expect(pair.atClient == pair.atServer)
        #expect(pair.atClient.count == 100)
        #expect(ours.ssl == nil && theirs.ssl != nil)
        #expect(!pair.send([UInt8](repeating: 0, count: 1_401), from: ours))
        #expect(ours.state == .established)
    }

    /// The client has the last word of the server's; the server may have to repeat it, until there is data.
    @Test func theServerKeepsOpenSSLUntilTheClientSaysSomething() throws {
        let pair = try DTLSPair.established()
        #expect(pair.client.ssl == nil)
        #expect(pair.server.ssl != nil && pair.server.records != nil)
        #expect(pair.send([1], from: pair.server))
        pair.exchange()
        #expect(pair.server.ssl != nil)
        #expect(pair.send([2], from: pair.client))
        pair.exchange()
        #expect(pair.server.ssl == nil)
        #expect(pair.send([3], from: pair.server))
        pair.exchange()
        #expect(pair.atClient == [[1], [3]] && pair.atServer == [[2]])
    }

    /// The server's last flight is lost, once and more often: it is repeated each time the client asks, data of the server's
    /// notwithstanding, and what is sealed afterwards goes on from there.
    @Test(arguments: suites, 1...4) func aLostFinishedIsRepeated(suite: String, times: Int) throws {
        let pair = try Self.pair(.server, suite: suite)
        pair.isUnheard = { [unowned pair] in $0 === pair.server && $0.state == .established }
        pair.start()
        #expect(pair.server.state == .established && pair.client.state == .handshaking)
        for _ in 1..<times {
            #expect(pair.send([9], from: pair.server))
            #expect(pair.advance())
            #expect(pair.client.state == .handshaking && pair.server.ssl != nil)
        }
        pair.isUnheard = { _ in false }
        #expect(pair.advance())
        #expect(pair.client.state == .established)
        #expect(pair.send([1], from: pair.client))
        pair.exchange()
        #expect(pair.server.ssl == nil)
        for number in 0..<5 as Range<UInt8> { #expect(pair.send([number], from: pair.server)) }
        pair.exchange()
        #expect(pair.atServer == [[1]])
        #expect(pair.atClient == [[0], [1], [2], [3], [4]])
        Self.expectNothingTwice(pair.fromServer, atLeast: 2 * times + 4, hasExplicitNonces: !suite.contains("CHACHA"))
    }

    /// Lost as it may be, each side of its handshake, ours goes on from OpenSSL's last number and nonce.
    @Test(arguments: suites, 0..<6) func noNumberAndNoNonceIsUsedTwice(suite: String, index: Int) throws {
        for role in [DTLSConnection.Role.client, .server] {
            let pair = try Self.pair(role, suite: suite)
            pair.loses = { $0 == index || $0 == index + 2 }
            pair.start()
            for _ in 0..<10 where pair.client.state != .established || pair.server.state != .established {
                if !pair.advance() { break }
            }
            for number in 0..<5 as Range<UInt8> {
                for side in [pair.client, pair.server] { #expect(pair.send([number], from: side)) }
                pair.exchange()
            }
            (role == .client ? pair.client : pair.server).close()
            pair.exchange()
            Self.expectNothingTwice(
                role == .client ? pair.fromClient : pair.fromServer, atLeast: 7,
                hasExplicitNonces: !suite.contains("CHACHA"))
            #expect((role == .client ? pair.server : pair.client).state == .closed(.peerClosed))
        }
    }

    /// Records under the keys have each a number, one beyond the last, and so have explicit nonces.
    private static func expectNothingTwice(_ datagrams: [[UInt8]], atLeast count: Int, hasExplicitNonces: Bool) {
        var numbers: [UInt64] = []
        var nonces: [UInt64] = []
        for datagram in datagrams {
            datagram.withUnsafeBytes { bytes in
                var records = DTLSRecords(bytes)
                while let record = records.next() {
                    guard record.header.epoch == 1 else { continue }
                    numbers.append(record.header.sequenceNumber)
                    nonces.append(UInt64(bigEndian: record.fragment.loadUnaligned(as: UInt64.self)))
                }
            }
        }
        #expect(numbers.count >= count)
        #expect(numbers == Array(0..<UInt64(numbers.count)))
        #expect(Set(nonces).count == nonces.count)
        if hasExplicitNonces { #expect(zip(nonces, nonces.dropFirst()).allSatisfy { $0 &+ 1 == $1 }) }
    }

    /// Everything that ever came, again: what OpenSSL has taken is as old as what the record layer has.
    @Test(arguments: suites, [DTLSConnection.Role.client, .server])
    func nothingIsTakenTwice(suite: String, role: DTLSConnection.Role) throws {
        let pair = try Self.pair(role, suite: suite)
        pair.start()
        let (ours, theirs) = role == .client ? (pair.client, pair.server) : (pair.server, pair.client)
        for number in 0..<5 as Range<UInt8> { #expect(pair.send([number], from: theirs)) }
        pair.exchange()
        #expect(ours.ssl == nil)
        let (before, sent) = (pair.atClient.count + pair.atServer.count, pair.sent)
        for datagram in role == .client ? pair.fromServer : pair.fromClient {
            #expect(pair.deliver(datagram, to: ours) == .rejected)
        }
        pair.exchange()
        #expect(pair.atClient.count + pair.atServer.count == before && before == 5)
        #expect(pair.sent == sent && ours.state == .established)
    }

    /// Datagrams overtake each other: data that comes before the handshake's end waits for it, and is taken once.
    @Test(arguments: suites) func dataThatOvertakesFinishedIsNotLost(suite: String) throws {
        for isInOneDatagram in [true, false] {
            let pair = try Self.pair(.client, suite: suite)
            pair.isUnheard = { [unowned pair] in $0 === pair.server && $0.state == .established }
            pair.start()
            #expect(pair.server.state == .established && pair.client.state == .handshaking)
            let finished = try #require(pair.fromServer.last)
            for number in 0..<3 as Range<UInt8> { #expect(pair.send([number], from: pair.server)) }
            let data = pair.takeAll(pair.server)
            if isInOneDatagram {
                #expect(pair.deliver(data[0], to: pair.client) == .handshake)
                #expect(pair.deliver(finished + data[1] + data[2], to: pair.client) == .record)
            } else {
                for datagram in data { #expect(pair.deliver(datagram, to: pair.client) == .handshake) }
                #expect(pair.deliver(finished, to: pair.client) == .record)
            }
            #expect(pair.atClient == [[0], [1], [2]])
            for datagram in data { #expect(pair.deliver(datagram, to: pair.client) == .rejected) }
            #expect(pair.client.ssl == nil)
        }
    }

    /// Data from before the client's Finished is taken, once, and is no sign that the client has the server's.
    @Test(arguments: suites) func earlyDataShowsNothing(suite: String) throws {
        let pair = try Self.pair(.server, suite: suite)
        pair.isUnheard = { [unowned pair] in $0 === pair.client && $0.writes.continuation(for: .chaCha20Poly1305) != nil
        }
        pair.start()
        let end = try #require(pair.fromClient.last)
        #expect(pair.server.state == .handshaking)
        // A number that the client, which knows nothing of it, does not come to.
        var writes = pair.client.writes
        let next = try #require(writes.continuation(for: .aes128GCM))
        OpenSSLWritesTests.note(
            &writes, OpenSSLWritesTests.record(next.sequenceNumber + 9, nonce: next.explicitNonce))
        guard let ssl = pair.client.ssl, let keys = RecordKeys(of: ssl), var layer = RecordLayer(.client, keys),
            layer.startSealing(.client, keys, after: writes),
            let early = [7 as UInt8].withUnsafeBytes({
                layer.seal(.applicationData, $0, into: pair.client.context.sealed).map { Array($0) }
            })
        else { throw RecordKeysTests.Missing() }
        #expect(pair.deliver(early, to: pair.server) == .handshake)
        pair.isUnheard = { [unowned pair] in $0 === pair.server && $0.state == .established }
        for datagram in pair.fromClient.dropFirst() { pair.deliver(datagram, to: pair.server) }
        #expect(pair.server.state == .established && pair.server.ssl != nil)
        #expect(pair.atServer == [[7]])
        #expect(pair.take(pair.server).isEmpty)
        // The client, who has heard nothing, says it again.
        pair.isUnheard = { _ in false }
        #expect(pair.advance())
        #expect(pair.client.state == .established)
        #expect(pair.atServer == [[7]])
        #expect(pair.deliver(early, to: pair.server) == .rejected)
        #expect(pair.deliver(end, to: pair.server) == .rejected)
    }

    /// A stranger with the peer's address can fill no more than there is room for, and not keep the handshake from its end.
    @Test func earlyRecordsHaveABound() throws {
        let pair = try Self.pair(.client)
        pair.isUnheard = { [unowned pair] in $0 === pair.server && $0.state == .established }
        pair.start()
        let finished = try #require(pair.fromServer.last)
        for type in [23, 22, 21] as [UInt8] {
            for number in 0..<100 as Range<UInt8> {
                let header: [UInt8] = [type, 254, 253, 0, 1, 0, 0, 0, 0, 0, number, 0, 40]
                pair.deliver(header + [UInt8](repeating: 1, count: 40), to: pair.client)
            }
        }
        var count = 0
        while pair.client.early.take() != nil { count += 1 }
        #expect(count == EarlyRecords.limit)
        pair.deliver(finished, to: pair.client)
        #expect(pair.client.state == .established && pair.client.ssl == nil)
        pair.isUnheard = { _ in false }
        #expect(pair.send([7], from: pair.server))
        pair.exchange()
        #expect(pair.atClient == [[7]])
    }

    /// What the record layer does not have is left to OpenSSL: here AES-CCM, and a peer that wants its records short.
    @Test func whatItDoesNotHaveStaysWithOpenSSL() throws {
        let suite = "ECDHE-ECDSA-AES128-CCM"
        let (client, server) = (try DTLSPair.context(), try DTLSPair.context())
        #expect(SSL_CTX_set_cipher_list(client.context, suite) == 1)
        #expect(SSL_CTX_set_cipher_list(server.context, suite) == 1)
        let other = try DTLSPair(client: client, server: server)
        let short = try DTLSPair(client: DTLSPair.context(), server: DTLSPair.context())
        #expect(SSL_set_tlsext_max_fragment_length(short.client.ssl, 2) == 1)
        for pair in [other, short] {
            pair.start()
            #expect(pair.client.state == .established && pair.server.state == .established)
            for side in [pair.client, pair.server] { #expect(pair.send([1], from: side)) }
            pair.exchange()
            #expect(pair.atClient == [[1]] && pair.atServer == [[1]])
            #expect(pair.client.ssl != nil && pair.server.ssl != nil)
            #expect(pair.client.records == nil && pair.server.records == nil)
            pair.client.close()
            pair.exchange()
            #expect(pair.server.state == .closed(.peerClosed))
        }
        #expect(!short.send([UInt8](repeating: 0, count: 1_025), from: short.client))
    }
}
