import NIOCore
import TLS
import Testing

@testable import Signaling

/// How a service of the operator's own is asked.
@Suite(.timeLimit(.minutes(1))) struct ServiceCallTests {
    /// A request without a body ends with its header: a service may have answered and closed before its client, busy with
    /// others, has come to say so.
    @Test func anAnswerBeforeTheEndOfTheQuestionCounts() async throws {
        let service = try DecidingService()
        let call = ServiceCall(
            address: ServiceAddress(isSecure: false, host: "127.0.0.1", port: service.port, target: "/"),
            trust: try .unverifiedClient(), timeout: .seconds(30), longest: 100)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { try await Self.keepBusy() } }
            for _ in 0..<150 {
                let answer = try await call.get()
                #expect(answer == ServiceCall.Answer(status: 200, body: Array("Yes".utf8)))
            }
            group.cancelAll()
        }
    }

    /// Others' work, between whose turns a service has long answered.
    private static func keepBusy() async throws {
        let clock = ContinuousClock()
        while !Task.isCancelled {
            let end = clock.now + .microseconds(500)
            while clock.now < end {}
            await Task.yield()
        }
    }
}
