import ENet

/// Why the demo's game server or a bot could not start.
public enum DemoError: Error, Equatable, CustomStringConvertible {
    case socketLayer(SocketLayerError)
    case portInUse(UInt16)
    case systemCall(String, errno: Int32)
    case addressNotIPv4

    public var description: String {
        switch self {
        case .socketLayer(let error): error.description
        case .portInUse(let port): "UDP port \(port) is in use; stop the program that has it or name another port."
        case .systemCall(let name, let errno):
            "\(name) failed with error \(errno); the demo needs a UDP socket on loopback."
        case .addressNotIPv4: "The demo's game server has an IPv4 address; give 127.0.0.1 and its port."
        }
    }
}
