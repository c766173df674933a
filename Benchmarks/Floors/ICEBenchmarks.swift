import ICE
import Primitives
import STUN

enum ICEBenchmarks {
    static let all = [
        MicroBenchmark(name: "ice.check", meaning: "a browser's consent check, read before, verified and answered") {
            takingChecks(password: STUNBenchmarks.password, .valid(isNew: false, isSelected: false))
        },
        MicroBenchmark(name: "ice.forged", meaning: "a check of somebody who does not know the password, refused") {
            takingChecks(password: "another of as many bytes", .refused(.stunIntegrityMismatch))
        },
    ]

    private static func takingChecks(
        password: String, _ expected: ICELiteAgent.Outcome
    ) -> () throws -> Void {
        let now = Instant(nanoseconds: 1)
        var agent = ICELiteAgent(ufrag: "torii123", password: password, at: now)
        var isFirst = true
        return {
            try STUNBenchmarks.check.withUnsafeBytes { bytes in
                let check = try STUNMessage(parsing: bytes)
                counted {
                    var response: [UInt8] = []
                    let outcome = agent.receive(check, from: .udp(STUNBenchmarks.browser), at: now, response: &response)
                    expect((isFirst || outcome == expected) && !response.isEmpty, "The check was taken otherwise.")
                }
                isFirst = false
            }
        }
    }
}
