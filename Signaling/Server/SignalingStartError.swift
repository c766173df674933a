import Glibc
import NIOCore
import NIOPosix

/// Why the HTTP server could not start.
public enum SignalingStartError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The address as given, `HOST:PORT`.
    case addressInUse(String)
    case permissionDenied(String)
    case notOfThisHost(String)
    case hostUnknown(String)
    /// The address, and the system's words.
    case failed(String, String)

    init(_ error: any Error, host: String, port: UInt16) {
        let address = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]:\(port)" : "\(host):\(port)"
        switch error {
        case let error as SignalingStartError: self = error
        case is SocketAddressError, is SocketAddressError.UnknownHost: self = .hostUnknown(address)
        case let error as IOError: self.init(code: error.errnoCode, address)
        default: self = .failed(address, "\(error)")
        }
    }

    private init(code: Int32, _ address: String) {
        switch code {
        case EADDRINUSE: self = .addressInUse(address)
        case EACCES, EPERM: self = .permissionDenied(address)
        case EADDRNOTAVAIL: self = .notOfThisHost(address)
        default: self = .failed(address, String(cString: strerror(code)))
        }
    }

    /// One sentence that names the address and the cure.
    public var description: String { sentence(of: "HTTP") }

    func sentence(of what: String) -> String {
        switch self {
        case .addressInUse(let address):
            "Cannot serve \(what) at \(address): something already listens there; stop it or choose another port."
        case .permissionDenied(let address):
            "Cannot serve \(what) at \(address): this user may not; choose a port from 1024 on."
        case .notOfThisHost(let address):
            "Cannot serve \(what) at \(address): this machine has no such address; use one it has, or 0.0.0.0 for all."
        case .hostUnknown(let address):
            "Cannot serve \(what) at \(address): the name is unknown; give an IP address of this machine."
        case .failed(let address, let words):
            "Cannot serve \(what) at \(address): \(words); choose another address or port."
        }
    }
}
