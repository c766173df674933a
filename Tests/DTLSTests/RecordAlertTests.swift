import Primitives
import SimulationSupport
import Testing

@testable import DTLS

/// What comes sealed and is no data: alerts, and what belongs to a handshake.
@Suite struct RecordAlertTests {
    /// After each side has said something, so that both seal by themselves.
    private static func pair() throws -> DTLSPair {
        let pair = try DTLSPair.established()
        for side in [pair.client, pair.server] { #expect(pair.send([0], from: side)) }
        pair.exchange()
        #expect(pair.client.ssl == nil && pair.server.ssl == nil)
        return pair
    }

    private static func deliver(
        _ type: ContentType, _ bytes: [UInt8], _ pair: DTLSPair, to target: DTLSConnection
    ) -> DTLSConnection.Reception? {
        let sender = target === pair.client ? pair.server : pair.client
        guard bytes.withUnsafeBytes({ sender.seal(type, $0) }), let datagram = pair.take(sender).first else {
            return nil
        }
        return pair.deliver(datagram, to: target)
    }

    @Test(arguments: [true, false]) func closeNotifyIsAnswered(byClient: Bool) throws {
        let pair = try Self.pair()
        let (first, second) = byClient ? (pair.client, pair.server) : (pair.server, pair.client)
        first.close()
        #expect(first.state == .closed(.closedHere))
        let farewell = try #require(pair.take(first).first)
        // RFC 5246 §7.2.1.
        #expect(pair.deliver(farewell, to: second) == .closed)
        #expect(second.state == .closed(.peerClosed))
        #expect(pair.take(second).map { $0[0] } == [21])
        #expect(!pair.send([1], from: second) && !pair.send([1], from: first))
        #expect(pair.deliver(farewell, to: second) == .closed)
    }

    /// As server, before the client has said anything: OpenSSL still seals.
    @Test func closeNotifyBeforeAnyData() throws {
        for byServer in [true, false] {
            let pair = try DTLSPair.established()
            #expect(pair.server.ssl != nil)
            (byServer ? pair.server : pair.client).close()
            pair.exchange()
            #expect((byServer ? pair.client : pair.server).state == .closed(.peerClosed))
            #expect(pair.fromClient.last?.first == 21 && pair.fromServer.last?.first == 21)
        }
    }

    @Test(arguments: [true, false]) func aFatalAlertEnds(toClient: Bool) throws {
        let pair = try Self.pair()
        let target = toClient ? pair.client : pair.server
        #expect(Self.deliver(.alert, [2, 40], pair, to: target) == .closed)
        guard case .closed(.failed(let words)) = target.state else {
            Issue.record("it is \(target.state)")
            return
        }
        #expect(words.contains("handshake failure"))
        #expect(pair.take(target).isEmpty)
    }

    @Test(arguments: [true, false]) func warningsAndWhatIsNoAlertChangeNothing(toClient: Bool) throws {
        let pair = try Self.pair()
        let target = toClient ? pair.client : pair.server
        for alert in [[1, 90], [1, 100], [1, 112], [], [2], [1], [2, 40, 0], [3, 0], [0, 40]] as [[UInt8]] {
            #expect(Self.deliver(.alert, alert, pair, to: target) == .rejected, "\(alert)")
        }
        #expect(target.state == .established && pair.take(target).isEmpty)
        #expect(Self.deliver(.applicationData, [7], pair, to: target) == .record)
    }

    /// RFC 5246 §6.2.1: data may be empty, which is nothing for anyone.
    @Test func emptyDataChangesNothing() throws {
        let pair = try DTLSPair.established()
        #expect(Self.deliver(.applicationData, [], pair, to: pair.server) == .rejected)
        // But whoever sends it has the server's Finished.
        #expect(pair.server.ssl == nil)
        #expect(pair.send([], from: pair.client) == false)
        #expect(Self.deliver(.applicationData, [1], pair, to: pair.server) == .record)
        #expect(pair.atServer == [[1]])
    }

    /// A late Finished is a part of the handshake that is over; nothing is sent for it.
    @Test(arguments: [true, false]) func aLateFinishedIsNotAnswered(toClient: Bool) throws {
        let pair = try Self.pair()
        let target = toClient ? pair.client : pair.server
        let finished: [UInt8] = [20, 0, 0, 12, 0, 3, 0, 0, 0, 0, 0, 12] + [UInt8](repeating: 1, count: 12)
        #expect(Self.deliver(.handshake, finished, pair, to: target) == .handshake)
        #expect(Self.deliver(.handshake, [], pair, to: target) == .handshake)
        #expect(Self.deliver(.changeCipherSpec, [1], pair, to: target) == .rejected)
        #expect(pair.take(target).isEmpty && target.state == .established)
    }

    /// RFC 5246 §7.2.2: there is one handshake and no other.
    @Test(arguments: [true, false]) func renegotiationIsRefused(ofClient: Bool) throws {
        let pair = try Self.pair()
        let (target, other) = ofClient ? (pair.client, pair.server) : (pair.server, pair.client)
        let hello: [UInt8] = [ofClient ? 0 : 1, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0]
        #expect(Self.deliver(.handshake, hello, pair, to: target) == .handshake)
        let answer = try #require(pair.take(target).first)
        #expect(answer[0] == 21)
        let plaintext = answer.withUnsafeBytes { bytes -> [UInt8]? in
            var records = DTLSRecords(bytes)
            guard let record = records.next() else { return nil }
            return other.records?.open(record, into: other.context.plaintext).map { Array($0) }
        }
        #expect(plaintext == [1, 100])
        #expect(target.state == .established)
        #expect(Self.deliver(.applicationData, [1], pair, to: target) == .record)
        // The other side's message is none for this one.
        let wrong: [UInt8] = [ofClient ? 1 : 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0]
        #expect(Self.deliver(.handshake, wrong, pair, to: target) == .handshake)
        #expect(pair.take(target).isEmpty)
    }

    /// Before the client has said anything OpenSSL is there, and hears nothing of it.
    @Test func renegotiationBeforeAnyDataIsNotHeard() throws {
        let pair = try DTLSPair.established()
        let hello: [UInt8] = [1, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0]
        #expect(Self.deliver(.handshake, hello, pair, to: pair.server) == .handshake)
        #expect(pair.server.ssl != nil && pair.take(pair.server).isEmpty)
        for side in [pair.server, pair.client] { #expect(pair.send([1], from: side)) }
        pair.exchange()
        #expect(pair.atClient == [[1]] && pair.atServer == [[1]])
    }

    /// Data, then the end, in one datagram: what came before the end is told.
    @Test func dataBeforeCloseNotifyInOneDatagram() throws {
        let pair = try Self.pair()
        #expect(pair.send([1], from: pair.client) && pair.send([2], from: pair.client))
        pair.client.close()
        let datagram = pair.take(pair.client).flatMap { $0 }
        #expect(pair.deliver(datagram, to: pair.server) == .record)
        #expect(pair.atServer == [[0], [1], [2]])
        #expect(pair.server.state == .closed(.peerClosed))
    }

    /// A datagram's records are taken one by one: what is not for us, or not true, hides nothing that follows.
    @Test func recordsAfterOnesThatAreNotTaken() throws {
        let pair = try Self.pair()
        for number in 1...3 as ClosedRange<UInt8> { #expect(pair.send([number], from: pair.client)) }
        var records = pair.take(pair.client)
        records[1][20] ^= 1
        let stranger: [UInt8] = [99, 254, 253, 0, 1, 0, 0, 0, 0, 9, 9, 0, 1, 7]
        let old: [UInt8] = [22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]
        let datagram = stranger + records[0] + old + records[1] + records[2] + [23, 254]
        #expect(pair.deliver(datagram, to: pair.server) == .record)
        #expect(pair.atServer == [[0], [1], [3]])
    }

    /// RFC 6347 §4.1: whoever has used up its sequence numbers says nothing more.
    @Test func itEndsWhereNumbersDo() throws {
        let pair = try DTLSPair.established()
        let last = RecordHeader(
            type: .handshake, sequenceNumber: RecordHeader.highestSequenceNumber - 1, length: 24)
        var bytes = [UInt8](repeating: 0, count: RecordHeader.byteCount + 24)
        bytes.withUnsafeMutableBytes { last.write(to: $0) }
        var writes = OpenSSLWrites()
        bytes.withUnsafeBytes { writes.note($0) }
        guard let ssl = pair.server.ssl, let keys = RecordKeys(of: ssl) else { throw RecordKeysTests.Missing() }
        let isStarted = pair.server.records?.startSealing(.server, keys, after: writes)
        #expect(isStarted == true)
        #expect([5 as UInt8].withUnsafeBytes { pair.server.seal(.applicationData, $0) })
        pair.exchange()
        #expect(pair.atClient == [[5]])
        #expect(![6 as UInt8].withUnsafeBytes { pair.server.seal(.applicationData, $0) })
        #expect(pair.server.state == .closed(.failed("no more records can be sealed")))
        #expect(pair.take(pair.server).isEmpty)
    }
}
