import Primitives

/// A document over HTTP, asked for as HTTP/1.0 (RFC 1945), whose end is the connection's end.
///
/// Left out: redirections, compression, and connections that are used again.
enum HTTPDocument {
    // Our choice.
    private static let headLimit = 16_384

    static func fetch(
        from address: TransportAddress, host: String, path: String, security: DocumentSecurity = .none,
        until deadline: Deadline
    ) throws(DiscoveryError) -> [UInt8] {
        let stream = try ByteStream(to: address, until: deadline)
        let name =
            (host.contains(":") ? "[\(host)]" : host)
            + (address.port == (security == .none ? 80 : 443) ? "" : ":\(address.port)")
        let lines = [
            "GET \(path) HTTP/1.0", "Host: \(name)", "Accept: application/json", "User-Agent: torii",
            "Connection: close",
            "", "",
        ]
        let request = Array(lines.joined(separator: "\r\n").utf8)
        let limit = ServerList.longest + headLimit
        switch security {
        case .none:
            try stream.write(request)
            return try body(of: try stream.readAll(atMost: limit))
        case .tls(let authorities):
            let secured = try SecuredStream(stream, host: host, authorities: authorities)
            try secured.write(request)
            let (response, isWhole) = try secured.readAll(atMost: limit)
            return try body(of: response, isWhole: isWhole)
        }
    }

    /// Takes a response apart.
    ///
    /// - Parameter isWhole: whether it is known to have ended where it ends; otherwise its own length must tell.
    static func body(of response: [UInt8], isWhole: Bool = true) throws(DiscoveryError) -> [UInt8] {
        guard let end = response.firstRange(of: Array("\r\n\r\n".utf8)), end.lowerBound <= headLimit,
            let head = String(validating: response[..<end.lowerBound], as: UTF8.self)
        else { throw DiscoveryError("its answer is no HTTP") }
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
        let status = lines[0].split(separator: " ", maxSplits: 2)
        guard status.count >= 2, status[0].hasPrefix("HTTP/1."), let code = Int(status[1]), (100...599).contains(code)
        else { throw DiscoveryError("its answer is no HTTP") }
        guard code == 200 else { throw DiscoveryError("it answers with the status \(code), not 200") }
        let body = Array(response[end.upperBound...])
        var isWhole = isWhole
        for line in lines.dropFirst() {
            let pair = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { continue }
            let value = pair[1].drop { $0 == " " || $0 == "\t" }
            switch pair[0].lowercased() {
            case "transfer-encoding": throw DiscoveryError("its answer is in chunks, which HTTP/1.0 has not")
            case "content-length":
                // What is shorter was cut off.
                guard Int(value) == body.count else { throw DiscoveryError("its answer is not as long as it says") }
                isWhole = true
            default: break
            }
        }
        guard isWhole else { throw DiscoveryError("its answer was cut off") }
        return body
    }
}
