import Glibc
import Primitives

/// A socket could not be had. The description is one sentence for the operator.
public enum NetworkError: Error, Equatable, CustomStringConvertible {
    /// What a port is of.
    public enum Transport: String, Equatable, Sendable {
        case udp = "UDP"
        case tcp = "TCP"

        /// The other way out, where there is one.
        fileprivate var alternative: String { self == .tcp ? " with --tcp, or use --tcp off" : "" }
    }

    case addressInUse(TransportAddress, Transport = .udp)
    case addressNotOfThisHost(TransportAddress, Transport = .udp)
    case permissionDenied(TransportAddress, Transport = .udp)
    case hostUnknown(String, cause: String)
    case tooFewDescriptors(limit: Int, needed: Int)
    /// A route's server is at an address that its name may not stand for, or that is no server's.
    case serverNotAllowed(String, String, isName: Bool)
    case sourceNotOfThisHost(String)
    case interfaceUnknown(String)
    case interfaceNotPermitted(String)
    case refused(call: String, code: Int32)

    /// Whether it is this process, or this host, that has too little of something, and not the other side's fault.
    var isShortage: Bool {
        guard case .refused(_, let code) = self else { return false }
        return [EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC].contains(code)
    }

    init(binding address: TransportAddress, _ transport: Transport = .udp, code: Int32) {
        switch code {
        case EADDRINUSE: self = .addressInUse(address, transport)
        case EADDRNOTAVAIL: self = .addressNotOfThisHost(address, transport)
        case EACCES, EPERM: self = .permissionDenied(address, transport)
        default: self = .refused(call: "bind \(address)", code: code)
        }
    }

    init(leavingThrough interface: String, code: Int32) {
        switch code {
        case ENODEV: self = .interfaceUnknown(interface)
        case EPERM: self = .interfaceNotPermitted(interface)
        default: self = .refused(call: "send through the interface \(interface)", code: code)
        }
    }

    /// The resolver knows the name, and nothing of use under it.
    static func withoutAddress(_ host: String) -> NetworkError {
        .hostUnknown(host, cause: "it has neither an IPv4 nor an IPv6 address")
    }

    public var description: String {
        switch self {
        case .addressInUse(let address, let transport):
            "\(transport.rawValue) \(address) is in use by another program; stop it or choose another port\(transport.alternative)."
        case .addressNotOfThisHost(let address, let transport):
            "\(transport.rawValue) \(address) is not an address of this host; use 0.0.0.0, [::] or one that `ip addr` shows."
        case .permissionDenied(let address, let transport):
            "\(transport.rawValue) \(address) is not allowed for this user; choose a port from 1024 on\(transport.alternative)."
        case .hostUnknown(let host, let cause):
            "The host name \(host) cannot be resolved (\(cause)); check its spelling and this host's name server."
        case .tooFewDescriptors(let limit, let needed):
            "This user may open \(limit) files, but \(needed) are needed; raise that limit or lower --max-sessions."
        case .serverNotAllowed(let host, let address, isName: true):
            "The server name \(host) stands for \(address), which is not public; write the address, or allow it with private=allowed."
        case .serverNotAllowed(_, let address, isName: false):
            "\(address) is not the address of a server; write the one it listens on."
        case .sourceNotOfThisHost(let source):
            "The source \(source) is not an address of this host that can reach the server; use one that `ip addr` shows."
        case .interfaceUnknown(let interface):
            "There is no network interface \(interface); use one that `ip link` shows."
        case .interfaceNotPermitted(let interface):
            "This user may not choose the interface \(interface); give the program CAP_NET_RAW."
        case .refused(let call, let code):
            "The operating system refused to \(call): \(String(cString: strerror(code)))."
        }
    }
}
