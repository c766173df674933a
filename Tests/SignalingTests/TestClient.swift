import NIOCore
import NIOPosix
import Primitives
import Testing

@testable import Signaling

/// A response as read off the wire.
struct Reply {
    let version: String
    let status: Int
    let fields: [(name: String, value: String)]
    let body: String

    /// All values of a header.
    subscript(name: String) -> [String] {
        fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}

/// A connection that sends and reads bytes as the test says, so that it can misbehave.
struct TestClient {
    private let channel: any Channel
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var received: [UInt8] = []

    struct ConnectionEnded: Error {}

    static func connect<Result>(
        to server: SignalingServer, _ body: (inout TestClient) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: server.localAddress.host, port: Int(server.localAddress.port)) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var client = TestClient(
                channel: channel.channel, outbound: outbound, inbound: inbound.makeAsyncIterator())
            return try await body(&client)
        }
    }

    func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    /// Closes the sending direction only.
    func finish() { outbound.finish() }

    /// Reads one response; one to HEAD has no body whatever its length says.
    mutating func reply(toHead: Bool = false) async throws -> Reply {
        let head = try await read(through: "\r\n\r\n").split(separator: "\r\n")
        let status = head[0].split(separator: " ")
        let fields = head.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (name: String(parts[0]), value: parts[1].trimmingPrefix { $0 == " " }.description)
        }
        let length = fields.first { $0.name == "Content-Length" }.flatMap { Int($0.value) } ?? 0
        return Reply(
            version: String(status[0]), status: Int(status[1]) ?? 0, fields: fields,
            body: toHead ? "" : try await read(length))
    }

    /// The server closes, and sends nothing before that.
    mutating func expectEnd(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let left = String(decoding: received, as: UTF8.self)
        #expect(left == "", sourceLocation: sourceLocation)
        do {
            let more = try await inbound.next().map { String(buffer: $0) }
            #expect(more == nil, sourceLocation: sourceLocation)
        } catch is IOError {
            // Closed with a reset, which also counts.
        }
    }

    /// What comes until `end`, which is not part of it.
    mutating func read(through end: String) async throws -> String {
        while true {
            if let range = received.firstRange(of: Array(end.utf8)) {
                defer { received.removeFirst(range.upperBound) }
                return String(decoding: received[..<range.lowerBound], as: UTF8.self)
            }
            try await readMore()
        }
    }

    private mutating func read(_ count: Int) async throws -> String {
        while received.count < count { try await readMore() }
        defer { received.removeFirst(count) }
        return String(decoding: received.prefix(count), as: UTF8.self)
    }

    private mutating func readMore() async throws {
        guard let more = try await inbound.next() else { throw ConnectionEnded() }
        received += more.readableBytesView
    }
}

extension SignalingServer {
    /// One request on a connection of its own.
    func answer(_ text: String) async throws -> Reply {
        try await TestClient.connect(to: self) { client in
            try await client.send(text)
            return try await client.reply(toHead: text.hasPrefix("HEAD"))
        }
    }

    /// One request on a connection of its own, of which only the status matters.
    func expect(_ status: Int, to text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let reply = try await answer(text)
        #expect(reply.status == status, sourceLocation: sourceLocation)
    }
}
