import Gateway
import JOSE
import Primitives

/// What somebody who may join may join as: what the claim `torii` of a token says (Deploy/joining.md has the table).
struct Grant: Equatable, Sendable {
    /// Nil for every route.
    var routes: [String]?
    /// The one server of the route that it must be; nil for any.
    var server: String?
    /// What the route's choice by hash goes by, in the place of the address; nil for the address.
    var balanceKey: String?
    var peerID: UInt32?
    var connectData: UInt32?
    var rates = TrafficLimits()

    /// Everything, as where nobody is asked.
    static let unlimited = Grant()

    /// The claim's name.
    static let claim = "torii"

    private init() {}

    /// Reads the object; one that is not there says nothing. What nobody knows is refused, as a misspelt limit would be none.
    init(_ json: JSON?) throws(GrantFault) {
        guard let json else { return }
        guard let members = json.members else { throw GrantFault(member: nil) }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            switch name {
            case "route": routes = try Self.found(value.strings, name)
            case "server": server = try Self.found(value.string, name)
            case "balance_key": balanceKey = try Self.found(value.string, name)
            case "peer_id": peerID = try Self.number(value, of: .peerID)
            case "connect_data": connectData = try Self.number(value, of: .connectData)
            case "to_server": rates.toServer = try Self.limit(value, name)
            case "to_browser": rates.toBrowser = try Self.limit(value, name)
            default: throw GrantFault(member: name)
            }
        }
    }

    private static func number(_ value: JSON, of parameter: Parameter) throws(GrantFault) -> UInt32 {
        let numbers = parameter.range ?? 0...UInt32.max
        let range = Int(numbers.lowerBound)...Int(numbers.upperBound)
        return UInt32(try found(value.integer(in: range), parameter.rawValue))
    }

    /// `{"messages":200,"bytes":65536}`, either of which may be left out: the most in a second.
    private static func limit(_ value: JSON, _ name: String) throws(GrantFault) -> RateLimit {
        var limit = RateLimit()
        for (key, number) in try found(value.members, name) {
            let rate = try found(number.integer(in: TokenBucket.rates), name)
            switch key {
            case "messages": limit.messages = rate
            case "bytes": limit.bytes = rate
            default: throw GrantFault(member: name)
            }
        }
        return limit
    }

    private static func found<Value>(_ value: Value?, _ name: String) throws(GrantFault) -> Value {
        guard let value else { throw GrantFault(member: name) }
        return value
    }
}

/// A member that has a value it cannot have, or a name nobody knows; nil for the whole.
struct GrantFault: Error, Equatable {
    let member: String?
}
