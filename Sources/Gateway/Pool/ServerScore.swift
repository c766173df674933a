import Glibc
import Primitives

/// What a player is known by where servers are chosen by hash: a token's claim, or the address asked from. The same
/// bytes give the same number in every gateway and after every restart, which Swift's own hashes do not.
public struct BalanceKey: Hashable, Sendable {
    let number: UInt64

    public init(_ bytes: some Sequence<UInt8>) {
        number = Self.mixed(Self.fnv(bytes))
    }

    /// The address without its port, which is another with each request.
    init(_ address: TransportAddress) {
        self.init(address.host.utf8)
    }

    /// How well a server suits the player: the best is the player's (rendezvous hashing). When a server goes, only its
    /// players get another; with weights, each server is best for its weight's part of all players.
    func score(for server: RouteServer) -> Double {
        let hash = Self.mixed(number ^ Self.fnv(server.label.utf8))
        // In (0, 1): 53 bits, and half a step up.
        let uniform = (Double(hash >> 11) + 0.5) * 0x1p-53
        return Double(server.weight) / -log(uniform)
    }

    /// FNV-1a, 64 bits.
    private static func fnv(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    /// SplitMix64's last step: every bit depends on all.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = value &+ 0x9E37_79B9_7F4A_7C15
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
