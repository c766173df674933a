import Foundation
import Glibc
import NetworkNamespaces
import Synchronization
import Testing

/// A network of its own, as a host on some network has it: loopback, and one interface with an address that is the way
/// to everywhere else.
///
/// Inside `running`, programs are started in it, the page is served from its address, and browsers are left as they
/// come, without the settings that allow WebRTC over loopback.
struct NetworkNamespace: Sendable {
    /// What addresses the interface has.
    enum Family: String, Sendable, CaseIterable {
        case ipv4, ipv6
        /// Both; the gateway and the page are at the IPv6 one only.
        case dual
    }

    /// The one programs are started in now.
    @TaskLocal static var current: NetworkNamespace?

    let name: String
    let family: Family

    /// The address of its interface where everybody meets.
    var address: String { family == .ipv4 ? Self.ipv4 : Self.ipv6 }
    /// What `host:port` has before its colon.
    var host: String { family == .ipv4 ? address : "[\(address)]" }
    /// Where the gateway listens: at every address unless the family says otherwise.
    var gatewayHost: String {
        switch family {
        case .ipv4: "0.0.0.0"
        case .ipv6: "[::]"
        case .dual: host
        }
    }
    private static let ipv4 = "10.77.0.1"
    private static let ipv6 = "fd00:77::1"

    /// What a program's command line begins with to be started in it.
    var prefix: [String] { ["ip", "netns", "exec", name] }

    /// Runs `body` with one as the current one: one that a test before had, or a new one.
    static func running(_ family: Family, _ body: (NetworkNamespace) async throws -> Void) async throws {
        let namespaces = try Commons.current.namespaces
        let namespace = if let kept = await namespaces.take(family) { kept } else { try await made(family) }
        do {
            try await $current.withValue(namespace) { try await body(namespace) }
        } catch {
            // The first error is the one to tell.
            try? await namespace.end()
            throw error
        }
        try await namespaces.keep(namespace, family)?.end()
    }

    private static func made(_ family: Family) async throws -> NetworkNamespace {
        let number = madeEver.add(1, ordering: .relaxed).newValue
        let name = "torii-\(ProcessInfo.processInfo.processIdentifier)-\(family.rawValue)-\(number)"
        let namespace = NetworkNamespace(name: name, family: family)
        try await ip("netns", "add", name)
        do {
            try await namespace.configure()
        } catch {
            try? await namespace.end()
            throw error
        }
        return namespace
    }

    private static let madeEver = Atomic(0)

    func end() async throws {
        try await Self.ip("netns", "delete", name)
    }

    /// A veth pair, both ends in here: an interface that every kernel has, and that is up when its other end is.
    private func configure() async throws {
        try await Self.ip("-n", name, "link", "set", "lo", "up")
        try await Self.ip("-n", name, "link", "add", "torii0", "type", "veth", "peer", "name", "torii1")
        if family != .ipv6 { try await Self.ip("-n", name, "address", "add", "\(Self.ipv4)/24", "dev", "torii0") }
        if family != .ipv4 {
            try await Self.ip("-n", name, "address", "add", "\(Self.ipv6)/64", "nodad", "dev", "torii0")
        }
        for end in ["torii0", "torii1"] { try await Self.ip("-n", name, "link", "set", end, "up") }
        // Browsers take the address from which they would go out. Nobody is at the routers'.
        let routers = [family != .ipv6 ? "10.77.0.2" : nil, family != .ipv4 ? "fd00:77::2" : nil].compactMap { $0 }
        for router in routers {
            try await Self.ip("-n", name, "route", "add", "default", "via", router, "dev", "torii0")
        }
        try await keepFirefoxesPortsFree()
    }

    /// Firefox connects by ICE-TCP from a port between 49152 and 65535 that it has picked by chance; where a connection that
    /// is over has still kept it (TIME_WAIT, mostly one of its own requests), the candidate fails and is not tried again.
    private func keepFirefoxesPortsFree() async throws {
        let values = ["ip_local_port_range": "32768 49151", "tcp_max_tw_buckets": "0"]
        for (key, value) in values {
            try await Self.ip("netns", "exec", name, "sh", "-c", "echo \(value) > /proc/sys/net/ipv4/\(key)")
        }
    }

    /// A TCP socket in it.
    func socket(_ family: Int32) throws -> Int32 {
        let descriptor = torii_socket_in_namespace("/run/netns/\(name)", family, Int32(SOCK_STREAM.rawValue))
        guard descriptor >= 0 else { throw HarnessError("no socket in \(name): \(String(cString: strerror(errno)))") }
        return descriptor
    }

    /// A TCP socket bound to its address, on a port of the kernel's choice.
    func boundSocket() throws -> Int32 {
        let isIPv4 = family == .ipv4
        let descriptor = try socket(isIPv4 ? AF_INET : AF_INET6)
        var storage = sockaddr_storage()
        let isBound = withUnsafeMutablePointer(to: &storage) { pointer in
            let length = isIPv4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
            pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { v6 in
                v6.pointee.sin6_family = sa_family_t(AF_INET6)
                if !isIPv4 { inet_pton(AF_INET6, address, &v6.pointee.sin6_addr) }
            }
            if isIPv4 {
                pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { v4 in
                    v4.pointee.sin_family = sa_family_t(AF_INET)
                    inet_pton(AF_INET, address, &v4.pointee.sin_addr)
                }
            }
            return pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(length)) == 0
            }
        }
        guard isBound else {
            defer { close(descriptor) }
            throw HarnessError("cannot bind \(address) in \(name): \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    /// Breaks every TCP connection of a server's, and tells both ends.
    func destroyConnections(from port: UInt16) async throws {
        try await Self.ip("netns", "exec", name, "ss", "--kill", "--no-header", "sport", "=", ":\(port)")
    }

    private static func ip(_ arguments: String...) async throws {
        try await ChildProcess.running(Requirement.networkNamespaces.path(), arguments) { process in
            guard try await process.exit() == .code(0) else {
                let words = process.errors.entries.joined(separator: "; ")
                throw HarnessError("ip \(arguments.joined(separator: " ")): \(words)")
            }
        }
    }
}
