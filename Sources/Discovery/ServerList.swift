import Foundation
import Gateway

/// A list of servers as text: a server a line, or JSON.
enum ServerList {
    // Our choice.
    /// Bytes of a file, a document or a program's output.
    static let longest = 1 << 20
    /// Servers that are looked at; a route uses no more than this anyway.
    static let limit = 256

    /// Lines, or JSON where the text begins like it. An operator's own list is right as a whole or not used.
    static func parse(_ text: String) throws(DiscoveryError) -> [FoundServer] {
        if isJSON(text) { return try parse(json: Array(text.utf8)) }
        var servers: [FoundServer] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let contents = line.prefix { $0 != "#" }
            guard contents.contains(where: { !$0.isWhitespace }) else { continue }
            guard servers.count < limit else { throw DiscoveryError("there are more than \(limit) servers") }
            do throws(DiscoveryError) {
                servers.append(try FoundServer(parsing: contents))
            } catch {
                throw DiscoveryError("line \(index + 1): \(error.description)")
            }
        }
        return servers
    }

    /// A line may begin with a bracket too, that of an IPv6 address.
    private static func isJSON(_ text: String) -> Bool {
        let signs = text.utf8.lazy.filter { !" \t\r\n".utf8.contains($0) }.prefix(2)
        return signs.first == UInt8(ascii: "{") || signs.elementsEqual("[{".utf8) || signs.elementsEqual("[]".utf8)
    }

    /// `{"servers": […]}`, a list alone, or what V-Sekai's Uro answers to `GET /shards`: `{"data": {"shards": […]}}`.
    ///
    /// Anyone may register with such a directory, so an entry that is no server is passed over and does not spoil the
    /// others.
    static func parse(json: [UInt8]) throws(DiscoveryError) -> [FoundServer] {
        let entries: [Entry]
        do {
            let decoder = JSONDecoder()
            if let list = try? decoder.decode([Entry].self, from: Data(json)) {
                entries = list
            } else {
                let document = try decoder.decode(Document.self, from: Data(json))
                guard let found = document.servers ?? document.data?.shards else {
                    throw DiscoveryError("the JSON has no list of servers, nor of shards under data")
                }
                entries = found
            }
        } catch let error as DiscoveryError {
            throw error
        } catch {
            throw DiscoveryError("it is no JSON with a list of servers")
        }
        return Array(entries.lazy.compactMap(\.server).prefix(limit))
    }

    private struct Document: Decodable {
        struct Shards: Decodable {
            let shards: [Entry]?
        }
        let servers: [Entry]?
        let data: Shards?
    }

    /// One of a list, whatever it is.
    private struct Entry: Decodable {
        let server: FoundServer?

        private enum Key: String, CodingKey {
            case address, host, port, name, weight, capacity
            /// Uro's.
            case maxUsers = "max_users"
        }

        init(from decoder: any Decoder) throws {
            guard let fields = try? decoder.container(keyedBy: Key.self) else {
                server = nil
                return
            }
            func text(_ key: Key) -> String? { try? fields.decodeIfPresent(String.self, forKey: key) }
            func number(_ key: Key) -> Int? { try? fields.decodeIfPresent(Int.self, forKey: key) }
            let port = number(.port)
            guard let host = text(.address) ?? text(.host), FoundServer.isHost(host),
                port.map({ (1...65_535).contains($0) }) ?? true
            else {
                server = nil
                return
            }
            var found = FoundServer(host: host, port: port.map { UInt16($0) })
            // A name for people is none of ours, and is left out.
            found.name = text(.name).flatMap { RouteServer.isName($0) ? $0 : nil }
            found.weight = number(.weight).flatMap { RouteServer.weights.contains($0) ? $0 : nil }
            let capacity = number(.capacity) ?? number(.maxUsers)
            found.capacity = capacity.flatMap { RouteServer.capacities.contains($0) ? $0 : nil }
            server = found
        }
    }
}
