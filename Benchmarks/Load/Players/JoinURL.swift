import Primitives

/// Where offers are posted.
package struct JoinURL: Sendable {
    package let address: TransportAddress
    package let path: String

    /// - Parameter text: `http://ADDRESS:PORT/join/NAME`
    package init(_ text: String) throws {
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true)
        guard parts.count == 3, parts[0] == "http:" else {
            throw LoadError("\(text) is no http://ADDRESS:PORT/join/NAME.")
        }
        address = try Self.address(String(parts[1]))
        path = "/\(parts[2])"
    }

    package static func address(_ text: String) throws -> TransportAddress {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]),
            let address = TransportAddress(literal: parts[0], port: port), address.family == .ipv4
        else { throw LoadError("\(text) is no IPv4 ADDRESS:PORT.") }
        return address
    }

    /// Posts an offer and waits for the answer's body.
    package func answer(to offer: String) throws -> String {
        let reply = try HTTPRequest("POST", path, type: "application/sdp", body: offer).send(to: address)
        guard reply.status == 201 else { throw LoadError("Joining was answered with \(reply.status): \(reply.body)") }
        return reply.body
    }
}
