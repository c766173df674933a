import Glibc
import Primitives

/// A socket could not be had. The description is one sentence for the operator.
public enum NetworkError: Error, Equatable, CustomStringConvertible {
    case addressInUse(TransportAddress)
    case addressNotOfThisHost(TransportAddress)
    case permissionDenied(TransportAddress)
    case hostUnknown(String, cause: String)
    case tooFewDescriptors(limit: Int, needed: Int)
    case refused(call: String, code: Int32)

    init(binding address: TransportAddress, code: Int32) {
        switch code {
        case EADDRINUSE: self = .addressInUse(address)
        case EADDRNOTAVAIL: self = .addressNotOfThisHost(address)
        case EACCES, EPERM: self = .permissionDenied(address)
        default: self = .refused(call: "bind \(address)", code: code)
        }
    }

    /// The resolver knows the name, and nothing of use under it.
    static func withoutAddress(_ host: String) -> NetworkError {
        .hostUnknown(host, cause: "it has neither an IPv4 nor an IPv6 address")
    }

    public var description: String {
        switch self {
        case .addressInUse(let address):
            "UDP \(address) is in use by another program; stop it or choose another port."
        case .addressNotOfThisHost(let address):
            "UDP \(address) is not an address of this host; use 0.0.0.0, [::] or one that `ip addr` shows."
        case .permissionDenied(let address):
            "UDP \(address) is not allowed for this user; choose a port from 1024 on."
        case .hostUnknown(let host, let cause):
            "The host name \(host) cannot be resolved (\(cause)); check its spelling and this host's name server."
        case .tooFewDescriptors(let limit, let needed):
            "This user may open \(limit) files, but \(needed) are needed; raise that limit or lower --max-sessions."
        case .refused(let call, let code):
            "The operating system refused to \(call): \(String(cString: strerror(code)))."
        }
    }
}
