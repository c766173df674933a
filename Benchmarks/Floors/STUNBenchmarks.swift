import Primitives
import STUN

enum STUNBenchmarks {
    static let password = "abcdefghijklmnopqrstuv"
    static let check = hexadecimalFixture("stun/chromium-check.hex")
    static let browser = TransportAddress(ipv4: 0xCB00_7101, port: 40_000)

    static let all = [
        MicroBenchmark(name: "stun.read", meaning: "Chromium's check read") {
            {
                counted {
                    check.withUnsafeBytes { bytes in
                        expect((try? STUNMessage(parsing: bytes))?.username != nil, "The check was not read.")
                    }
                }
            }
        },
        MicroBenchmark(name: "stun.verify", meaning: "its FINGERPRINT and MESSAGE-INTEGRITY verified") {
            let key = Array(password.utf8)
            return {
                try check.withUnsafeBytes { bytes in
                    let message = try STUNMessage(parsing: bytes)
                    counted {
                        expect(
                            message.verifyFingerprint() && message.verifyIntegrity(key: key), "The check is forged.")
                    }
                }
            }
        },
        MicroBenchmark(name: "stun.answer", meaning: "its answer written and signed") {
            let key = Array(password.utf8)
            return {
                counted {
                    let answer = STUNMessageBuilder.bindingSuccess(
                        TransactionID(high: 1, low: 2), mappedAddress: browser, integrityKey: key)
                    expect(answer.count == 64, "The answer has another length.")
                }
            }
        },
    ]
}
