import Foundation
import Glibc
import Primitives
import Synchronization

/// Where offers are posted.
struct JoinURL: Sendable {
    let address: TransportAddress
    let path: String

    /// - Parameter text: `http://ADDRESS:PORT/join/NAME`
    init(_ text: String) throws {
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true)
        guard parts.count == 3, parts[0] == "http:" else {
            throw LoadError("\(text) is no http://ADDRESS:PORT/join/NAME.")
        }
        address = try Self.address(String(parts[1]))
        path = "/\(parts[2])"
    }

    static func address(_ text: String) throws -> TransportAddress {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]),
            let address = TransportAddress(literal: parts[0], port: port), address.family == .ipv4
        else { throw LoadError("\(text) is no IPv4 ADDRESS:PORT.") }
        return address
    }

    /// Posts an offer and waits for the answer's body.
    func answer(to offer: String) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        guard descriptor >= 0, SocketAddress.connect(descriptor, to: address) else {
            throw LoadError("Nothing listens at \(address).")
        }
        let request =
            "POST \(path) HTTP/1.1\r\nHost: \(address)\r\nContent-Type: application/sdp\r\nConnection: close\r\n"
            + "Content-Length: \(offer.utf8.count)\r\n\r\n\(offer)"
        let bytes = Array(request.utf8)
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw LoadError("An offer could not be sent.")
        }
        var response: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { response += buffer[..<count] }
        let text = String(decoding: response, as: UTF8.self)
        guard text.hasPrefix("HTTP/1.1 201 "), let body = text.firstRange(of: "\r\n\r\n") else {
            throw LoadError("Joining was answered with \(text.prefix { $0 != "\r\n" }).")
        }
        return String(text[body.upperBound...])
    }
}

/// Answers to offers, from the threads that wait for them to the one that plays.
final class Answers: Sendable {
    private let arrived = Mutex<[(player: Int, answer: Result<String, LoadError>)]>([])

    func put(_ player: Int, _ answer: Result<String, LoadError>) {
        arrived.withLock { $0.append((player, answer)) }
    }

    func take() -> [(player: Int, answer: Result<String, LoadError>)] {
        arrived.withLock { arrived in
            defer { arrived.removeAll() }
            return arrived
        }
    }

    /// Posts the offers on a few threads. Who has its answer begins at once, for the gateway does not wait long.
    func ask(_ url: JoinURL, _ offers: [(player: Int, offer: String)]) {
        for thread in 0..<Self.threads {
            let mine = offers.indices.filter { $0 % Self.threads == thread }.map { offers[$0] }
            Thread.detachNewThread { [self] in
                for (player, offer) in mine {
                    do {
                        put(player, .success(try url.answer(to: offer)))
                    } catch {
                        put(player, .failure(error as? LoadError ?? LoadError("\(error)")))
                    }
                }
            }
        }
    }

    private static let threads = 8
}
