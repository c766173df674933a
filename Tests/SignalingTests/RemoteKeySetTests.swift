import Foundation
import JOSE
import Synchronization
import TLS
import Testing
import TokenSigning
import WebServices

@testable import Signaling

/// Keys that another server publishes, over real HTTP and TLS; the time is the test's.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RemoteKeySetTests {
    private final class Reports: Sendable {
        private let list = Mutex<[String]>([])
        var all: [String] { list.withLock { $0 } }
        func note(_ sentence: String) { list.withLock { $0.append(sentence) } }
    }

    private static let start: UInt64 = 1_000_000
    private static let interval: UInt64 = 300

    private let first = SigningKey(.curve("P-256"))
    private let second = SigningKey(.ed25519)
    private let reports = Reports()

    private func authority(
        port: UInt16, isSecure: Bool = false, host: String = "127.0.0.1", authorities: String? = nil
    ) throws -> TokenAuthority {
        let address = ServiceAddress(isSecure: isSecure, host: host, port: port, target: "/keys.json")
        let keys = RemoteKeySet(
            at: address, trust: try TLSContext.client(authorities: authorities.map { Array($0.utf8) }),
            interval: Self.interval, patience: 60, report: { [reports] in reports.note($0) })
        return TokenAuthority(keys: [], remote: keys, rules: TokenRules())
    }

    private func set(_ keys: [(SigningKey, String)]) -> String {
        #"{"keys":[\#(keys.map { $0.0.jwk(#""kid":"\#($0.1)","#) }.joined(separator: ","))]}"#
    }

    private func token(_ key: SigningKey, _ keyID: String) -> String {
        key.token(#"{"exp":9000000}"#, header: #"{"alg":"\#(key.algorithm)","kid":"\#(keyID)"}"#)
    }

    private static func refusal(
        _ authority: TokenAuthority, _ token: String, after seconds: UInt64
    ) async -> AdmissionRefusal? {
        do throws(AdmissionRefusal) {
            _ = try await authority.grant(of: token, at: start + seconds)
            return nil
        } catch {
            return error
        }
    }

    @Test func keysAreFetchedOnceAndForAll() async throws {
        let service = try FileService()
        try service.publish(set([(first, "1")]), as: "keys.json")
        let authority = try authority(port: service.port)
        let token = self.token(first, "1")
        await withTaskGroup(of: AdmissionRefusal?.self) { group in
            for _ in 0..<20 { group.addTask { await Self.refusal(authority, token, after: 0) } }
            for await refusal in group { #expect(refusal == nil) }
        }
        #expect(await Self.refusal(authority, token, after: Self.interval - 1) == nil)
        #expect(service.requestCount == 1)
        #expect(await Self.refusal(authority, token, after: Self.interval) == nil)
        #expect(service.requestCount == 2)
    }

    @Test func aKeyNobodyKnowsIsAskedForButNotOften() async throws {
        let service = try FileService()
        try service.publish(set([(first, "1")]), as: "keys.json")
        let authority = try authority(port: service.port)
        #expect(await Self.refusal(authority, self.token(first, "1"), after: 0) == nil)
        try service.publish(set([(first, "1"), (second, "2")]), as: "keys.json")
        let pause = RemoteKeySet.pause
        for _ in 0..<10 {
            #expect(await Self.refusal(authority, token(second, "2"), after: pause - 1) == .tokenRefused(.keyUnknown))
        }
        #expect(service.requestCount == 1)
        #expect(await Self.refusal(authority, token(second, "2"), after: pause) == nil)
        #expect(service.requestCount == 2)
        #expect(await Self.refusal(authority, token(second, "3"), after: pause) == .tokenRefused(.keyUnknown))
        #expect(service.requestCount == 2)
    }

    @Test func aKeyThatIsTakenOutIsGoodNoLonger() async throws {
        let service = try FileService()
        try service.publish(set([(first, "1")]), as: "keys.json")
        let authority = try authority(port: service.port)
        #expect(await Self.refusal(authority, self.token(first, "1"), after: 0) == nil)
        try service.publish(set([(second, "2")]), as: "keys.json")
        let token = self.token(first, "1")
        #expect(await Self.refusal(authority, token, after: Self.interval - 1) == nil)
        #expect(await Self.refusal(authority, token, after: Self.interval) == .tokenRefused(.keyUnknown))
        #expect(reports.all == [])
    }

    @Test func theLastOnesStayWhileNobodyAnswers() async throws {
        let service = try FileService()
        try service.publish(set([(first, "1")]), as: "keys.json")
        let authority = try authority(port: service.port)
        #expect(await Self.refusal(authority, self.token(first, "1"), after: 0) == nil)
        service.stop()
        #expect(await Self.refusal(authority, self.token(first, "1"), after: 10 * Self.interval) == nil)
        #expect(
            reports.all == [
                "the keys of tokens cannot be fetched: Connection refused; those that were known stay in use"
            ])
        #expect(await Self.refusal(authority, self.token(first, "1"), after: 10 * Self.interval + 1) == nil)
        #expect(reports.all.count == 1)
    }

    @Test(arguments: [
        ("", "404"), ("{}", "holds no key"), (String(repeating: " ", count: KeySet.longest + 1), "too long"),
    ])
    func withoutKeysNobodyJoinsYet(contents: String, words: String) async throws {
        let service = try FileService()
        if !contents.isEmpty { try service.publish(contents, as: "keys.json") }
        let authority = try authority(port: service.port)
        #expect(await Self.refusal(authority, self.token(first, "1"), after: 0) == .keysMissing)
        #expect(await Self.refusal(authority, "x", after: 0) == .tokenRefused(.malformed))
        #expect(reports.all.count == 1 && reports.all[0].contains(words), "\(reports.all)")
        #expect(reports.all.allSatisfy { $0.hasSuffix("until then nobody can join") })
        try service.publish(set([(first, "1")]), as: "keys.json")
        let wait = RemoteKeySet.firstPause
        #expect(await Self.refusal(authority, self.token(first, "1"), after: wait) == nil)
    }

    @Test func theServiceIsVerified() async throws {
        let (identity, other) = try (TestIdentity(name: "IP:127.0.0.1"), TestIdentity(name: "DNS:other.example"))
        let service = try FileService(identity: identity.pem)
        try service.publish(set([(first, "1")]), as: "keys.json")
        let good = try authority(port: service.port, isSecure: true, authorities: identity.certificate)
        #expect(await Self.refusal(good, token(first, "1"), after: 0) == nil)
        #expect(reports.all == [])

        for (host, authorities) in [
            ("127.0.0.1", other.certificate), ("127.0.0.1", nil), ("localhost", identity.certificate),
        ] {
            let bad = try authority(port: service.port, isSecure: true, host: host, authorities: authorities)
            #expect(await Self.refusal(bad, token(first, "1"), after: 0) == .keysMissing)
            #expect(reports.all.last?.contains("its certificate was refused") == true, "\(reports.all)")
        }
        let plain = try FileService()
        let wrong = try authority(port: plain.port, isSecure: true, authorities: identity.certificate)
        #expect(await Self.refusal(wrong, token(first, "1"), after: 0) == .keysMissing)
        #expect(reports.all.last?.contains("TLS failed") == true, "\(reports.all)")
    }
}
