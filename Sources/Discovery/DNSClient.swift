import Glibc
import Primitives

/// Asks a name server, over UDP and, where the answer has no room there, over TCP (RFC 7766).
struct DNSClient {
    let servers: [TransportAddress]

    // Our choice.
    /// How long one server may take before the next is asked, and the first once more.
    private static let patience: Milliseconds = 1_500

    /// - Parameter resolver: nil for this host's.
    init(_ resolver: TransportAddress?) {
        servers = resolver.map { [$0] } ?? Self.hostServers
    }

    /// The records of a name; none where it has none of the type, or is not there.
    func records(of name: String, _ type: DNSType, until deadline: Deadline) throws(DiscoveryError) -> [DNSRecord] {
        guard let question = DNSQuestion(name, type, identifier: .random(in: 0 ... .max)) else {
            throw DiscoveryError("\(name) is no name of the DNS")
        }
        var failure = DiscoveryError.timedOut
        var turn = 0
        while deadline.remaining > 0, turn < servers.count * 4 {
            let server = servers[turn % servers.count]
            turn += 1
            do throws(DiscoveryError) {
                switch try ask(server, question, until: deadline) {
                case .records(let records): return records
                case .failed(code: 3): return []
                case .failed(let code):
                    failure = DiscoveryError("the name server \(server) answers with the code \(code) for \(name)")
                case .truncated: failure = DiscoveryError("the name server \(server) does not say all of \(name)")
                }
            } catch {
                failure = error == .timedOut ? DiscoveryError("the name server \(server) does not answer") : error
            }
        }
        throw failure
    }

    private func ask(
        _ server: TransportAddress, _ question: DNSQuestion, until deadline: Deadline
    ) throws(DiscoveryError) -> DNSAnswer {
        let turn = Deadline(in: min(Self.patience, Milliseconds(UInt64(deadline.remaining))))
        let stream = try ByteStream(to: server, datagrams: true, until: turn)
        try stream.write(question.message)
        // What answers something else is late, or forged.
        while true {
            let datagram = try stream.read(atMost: 65_535)
            guard let answer = datagram.withUnsafeBytes({ DNSAnswer($0, to: question) }) else { continue }
            return answer == .truncated ? try askByTCP(server, question, until: turn) : answer
        }
    }

    private func askByTCP(
        _ server: TransportAddress, _ question: DNSQuestion, until deadline: Deadline
    ) throws(DiscoveryError) -> DNSAnswer {
        let stream = try ByteStream(to: server, until: deadline)
        let message = question.message
        // RFC 1035 §4.2.2: two bytes say how long it is.
        try stream.write([UInt8(message.count >> 8), UInt8(message.count & 0xFF)] + message)
        var bytes: [UInt8] = []
        while bytes.count < 2 || bytes.count < 2 + (Int(bytes[0]) << 8 | Int(bytes[1])) {
            let some = try stream.read(atMost: 65_536)
            guard !some.isEmpty else { throw DiscoveryError("the name server \(server) hung up") }
            bytes += some
        }
        guard
            let answer = bytes.withUnsafeBytes({ DNSAnswer(UnsafeRawBufferPointer(rebasing: $0[2...]), to: question) })
        else { throw DiscoveryError("the name server \(server) answers with something else") }
        return answer
    }

    /// As resolv.conf(5) names them; this host where it names none.
    private static var hostServers: [TransportAddress] {
        let text = (try? TextContents.read("/etc/resolv.conf")) ?? ""
        return parse(resolvConf: text)
    }

    static func parse(resolvConf text: String) -> [TransportAddress] {
        let servers = text.split(whereSeparator: \.isNewline).compactMap { line -> TransportAddress? in
            let words = line.split { $0 == " " || $0 == "\t" }
            guard words.count >= 2, words[0] == "nameserver" else { return nil }
            return TransportAddress(literal: words[1], port: 53)
        }
        // The resolver's own limit, MAXNS.
        return servers.isEmpty ? [TransportAddress(ipv4: 0x7F00_0001, port: 53)] : Array(servers.prefix(3))
    }
}
