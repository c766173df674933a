import Dispatch
import Foundation
import Glibc

/// Sends datagrams nobody asked for: random bytes, and things that begin as STUN or DTLS do.
enum NoiseSource {
    /// Sends `perSecond × seconds` datagrams to 127.0.0.1 at an even pace from a thread of its own; how many were sent.
    static func flood(port: UInt16, perSecond: Int, seconds: Int, seed: UInt64) async throws -> Int {
        try await withCheckedThrowingContinuation { done in
            Thread.detachNewThread {
                done.resume(with: Result { try send(port, perSecond, seconds, seed) })
            }
        }
    }

    private static func send(_ port: UInt16, _ perSecond: Int, _ seconds: Int, _ seed: UInt64) throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { throw HarnessError("no socket: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
        }
        guard connected == 0 else { throw HarnessError("no way to port \(port)") }

        var random = SplitMix64(state: seed)
        let noise = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        var sent = 0
        let start = DispatchTime.now().uptimeNanoseconds
        // A hundred ticks a second: each sends what is due by then.
        for tick in 1...(100 * seconds) {
            let due = start + UInt64(tick) * 10_000_000
            let now = DispatchTime.now().uptimeNanoseconds
            if due > now { usleep(UInt32((due - now) / 1000)) }
            while sent < perSecond * tick / 100 {
                let datagram = datagram(&random, of: noise)
                // The gateway's own refusals (ICMP) are of no interest to a flood.
                _ = Glibc.send(descriptor, datagram, datagram.count, Int32(MSG_NOSIGNAL))
                sent += 1
            }
        }
        return sent
    }

    /// - Parameter noise: what datagrams are cut from, as making new bytes for each would take longer than sending them.
    private static func datagram(_ random: inout SplitMix64, of noise: [UInt8]) -> [UInt8] {
        let count = Int.random(in: 0...1400, using: &random)
        let start = Int.random(in: 0...noise.count - count, using: &random)
        var bytes = Array(noise[start..<start + count])
        guard bytes.count >= 20 else { return bytes }
        switch Int.random(in: 0..<4, using: &random) {
        case 0:  // a STUN binding request with the right length and cookie, and garbage for attributes
            let body = UInt16((bytes.count - 20) & ~3)
            bytes.removeLast(bytes.count - 20 - Int(body))
            bytes.replaceSubrange(0..<8, with: [0, 1, UInt8(body >> 8), UInt8(body & 255), 0x21, 0x12, 0xA4, 0x42])
        case 1:  // a DTLS handshake record
            bytes.replaceSubrange(0..<3, with: [22, 254, 253])
        case 2:  // DTLS application data
            bytes.replaceSubrange(0..<3, with: [23, 254, 253])
        default:
            break
        }
        return bytes
    }
}

/// A small random number generator with a seed (Steele, Lea and Flood 2014).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
