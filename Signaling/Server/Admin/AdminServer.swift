import Primitives

/// A listener of its own for those who operate the gateway: a page, and the API that it uses.
///
/// It listens on loopback alone (`Configuration` sees to that) and answers who knows the token.
public struct AdminServer: Sendable {
    /// Where it is reached; the port is the one the system chose when 0 was asked for.
    public var localAddress: TransportAddress { server.localAddress }

    let server: SignalingServer

    /// Every bound. Our choice: there are one or two operators, and each request costs the sessions' thread a moment.
    public static let limits: Limits = {
        var limits = Limits()
        limits.connections = 32
        limits.bodyBytes = 1024
        return limits
    }()

    /// Listens, and answers from now on.
    ///
    /// - Parameters:
    ///   - host: a loopback address.
    ///   - port: 0 for one that is free.
    ///   - token: what operators show, which may change.
    public static func start(
        host: String, port: UInt16, token: AdminTokenInUse, control: any AdminControl
    ) async throws(AdminStartError) -> AdminServer {
        do throws(SignalingStartError) {
            let service = AdminService(control: control, gate: AdminGate(token: token))
            return AdminServer(server: try await SignalingServer.start(host, port, service, limits: limits))
        } catch {
            throw AdminStartError(cause: error)
        }
    }

    public func stop() async {
        await server.stop()
    }
}

/// Why the admin page cannot be served.
public struct AdminStartError: Error, Equatable, CustomStringConvertible {
    public let cause: SignalingStartError

    /// One sentence that names the address and the cure.
    public var description: String { cause.sentence(of: "the admin page") }
}
