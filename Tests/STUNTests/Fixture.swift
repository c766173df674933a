import Foundation
import Primitives
import STUN
import Testing

/// The bytes of `Fixtures/stun/<name>.hex`.
func fixture(_ name: String, file: String = #filePath) throws -> [UInt8] {
    let root = URL(fileURLWithPath: file)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "Fixtures/stun/\(name).hex"), encoding: .utf8)
    return try text.split(whereSeparator: \.isWhitespace).map { try #require(UInt8($0, radix: 16)) }
}

/// Reads `bytes` as a message for as long as `body` runs.
func withMessage<Value>(_ bytes: [UInt8], _ body: (STUNMessage) throws -> Value) throws -> Value {
    try bytes.withUnsafeBytes { try body(STUNMessage(parsing: $0)) }
}

/// Whether `bytes` would pass for a message of someone who knows `key`.
func isAuthentic(_ bytes: [UInt8], key: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { raw in
        guard let message = try? STUNMessage(parsing: raw) else { return false }
        return message.verifyFingerprint() && message.verifyIntegrity(key: key)
    }
}

func isMalformed(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { raw in
        do throws(DropReason) {
            _ = try STUNMessage(parsing: raw)
            return false
        } catch {
            return error == .stunMalformed
        }
    }
}

let rfcKey = Array("VOkJxbRl1RmTxUk/WvJxBt".utf8)
let rfcID = TransactionID(high: 0xB7E7_A701, low: 0xBC34_D686_FA87_DFAE)
let browserKey = Array("abcdefghijklmnopqrstuv".utf8)

/// SplitMix64: the same numbers from the same seed, so that a failure can be had again.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
