import Gateway
import NIOCore
import NIOHTTP1
import NIOPosix
import Primitives
import Synchronization
import TLS

/// The gateway's HTTP side: takes offers, hands out answers, and serves the page if there is one.
///
/// Left out: HTTP/2 (a proxy's work).
public final class SignalingServer: Sendable {
    /// Where clients reach the server; the port is the one the system chose when 0 was asked for.
    public let localAddress: TransportAddress

    private let group: MultiThreadedEventLoopGroup
    private let listener: any Channel
    private let table: NIOLoopBound<ConnectionTable>
    private let limits: Limits
    private let isStopped = Atomic(false)

    private init(
        localAddress: TransportAddress, group: MultiThreadedEventLoopGroup, listener: any Channel,
        table: NIOLoopBound<ConnectionTable>, limits: Limits
    ) {
        self.localAddress = localAddress
        self.group = group
        self.listener = listener
        self.table = table
        self.limits = limits
    }

    /// Listens, and answers from now on.
    ///
    /// - Parameters:
    ///   - host: an address of this machine, or a name of one: `127.0.0.1`, `::`, `localhost`.
    ///   - port: 0 for one that is free.
    ///   - node: the gateway's name among others behind one load balancer, for its sessions' URLs.
    ///   - proxies: whose word counts about who asks.
    ///   - tls: what connections are answered with, which may change.
    ///   - iceServers: STUN and TURN servers that pages are told of, which may change.
    ///   - admission: who may join, which may change.
    ///   - impairment: for the demo, whose pages may impair their own sessions.
    public static func start(
        host: String, port: UInt16, control: any SessionControl, site: StaticSite? = nil, node: NodeName? = nil,
        iceServers: ICEServersInUse = ICEServersInUse(.none), admission: AdmissionInUse = AdmissionInUse(.open),
        impairment: (any ImpairmentControl)? = nil, proxies: TrustedProxies = .none, tls: TLSInUse = TLSInUse(nil),
        limits: Limits = Limits()
    ) async throws(SignalingStartError) -> SignalingServer {
        let service = Service(
            control: control, site: site, node: node, iceServers: iceServers, admission: admission,
            impairment: impairment.map { ImpairmentResource(control: $0, node: node) })
        return try await start(host, port, service, proxies: proxies, tls: tls, limits: limits)
    }

    static func start(
        _ host: String, _ port: UInt16, _ service: some HTTPResponder, proxies: TrustedProxies = .none,
        tls: TLSInUse = TLSInUse(nil), limits: Limits
    ) async throws(SignalingStartError) -> SignalingServer {
        // One thread: requests are few and small, and the sessions are elsewhere.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            return try await listen(host, port, service, proxies: proxies, tls: tls, limits: limits, on: group)
        } catch {
            // The group fails to end only where it has ended already.
            try? await group.shutdownGracefully()
            throw SignalingStartError(error, host: host, port: port)
        }
    }

    /// Takes no new connections, lets requests under way finish for `Limits.drainTime`, and closes what is left.
    public func stop() async {
        guard !isStopped.exchange(true, ordering: .relaxed) else { return }
        let loop = listener.eventLoop
        let emptied = loop.makePromise(of: Void.self)
        listener.close(promise: nil)
        loop.execute { [table, limits] in
            table.value.drain(within: limits.drainTime, on: loop, then: emptied)
        }
        // Neither fails: the promise is only ever kept, and the group is shut down here alone.
        try? await emptied.futureResult.get()
        try? await group.shutdownGracefully()
    }

    private static func listen(
        _ host: String, _ port: UInt16, _ service: some HTTPResponder, proxies: TrustedProxies, tls: TLSInUse,
        limits: Limits, on group: MultiThreadedEventLoopGroup
    ) async throws -> SignalingServer {
        let loop = group.next()
        let table = try await loop.submit {
            NIOLoopBound(ConnectionTable(limit: limits.connections), eventLoop: loop)
        }.get()
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Limits.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause())
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 4096, maximum: Limits.readBytes)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let peer = channel.remoteAddress.flatMap { TransportAddress($0) }
                    if proxies.announceClient(behind: peer) {
                        // Before TLS, which is the client's.
                        try channel.pipeline.syncOperations.addHandler(ProxyHeaderLayer())
                    }
                    if let context = tls.now {
                        try channel.pipeline.syncOperations.addHandler(TLSLayer(.server(context)))
                    }
                    try configure(channel, service, limits, proxies, table.value)
                }
            }
            .bind(to: SocketAddress.makeAddressResolvingHost(host, port: Int(port)))
            .get()
        guard let address = listener.localAddress.flatMap(TransportAddress.init(_:)) else {
            throw SignalingStartError.failed("\(host):\(port)", "the system names no address for it")
        }
        return SignalingServer(
            localAddress: address, group: group, listener: listener, table: table, limits: limits)
    }

    private static func configure(
        _ channel: any Channel, _ service: some HTTPResponder, _ limits: Limits, _ proxies: TrustedProxies,
        _ table: ConnectionTable
    ) throws {
        let connection = HTTPConnection(
            channel: channel, service: service, limits: limits, proxies: proxies, table: table)
        var decoding = NIOHTTPDecoderLimitConfiguration()
        decoding.maxHeaderFieldSize = limits.headerBytes
        decoding.maxHeaderListSize = limits.headerBytes
        decoding.maxHeaderFieldCount = limits.headerFields
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandlers([
            ArrivalNotice(), HTTPResponseEncoder(),
            ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: decoding)), HTTPServerPipelineHandler(),
            NIOHTTPResponseHeadersValidator(), connection,
        ])
        guard table.admit(connection) else { throw NoPlace() }
    }

    /// Closes a connection that the table has no place for.
    private struct NoPlace: Error {}
}

extension TransportAddress {
    init?(_ address: SocketAddress) {
        guard let literal = address.ipAddress, let port = address.port.flatMap(UInt16.init(exactly:)) else {
            return nil
        }
        self.init(literal: literal, port: port)
    }
}
