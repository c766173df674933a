import Glibc
import Primitives

/// Between `TransportAddress` and the kernel's `sockaddr`.
enum SocketAddress {
    /// Writes `address` for a socket of `family` (AF_INET or AF_INET6); the length, or nil when the family cannot hold
    /// it. A dual-stack IPv6 socket takes IPv4 addresses in their mapped form.
    static func write(
        _ address: TransportAddress, family: Int32, to storage: inout sockaddr_storage
    ) -> socklen_t? {
        if let ipv4 = address.ipv4, family == AF_INET {
            var v4 = sockaddr_in()
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = address.port.bigEndian
            v4.sin_addr.s_addr = ipv4.bigEndian
            return copy(v4, to: &storage)
        }
        guard family == AF_INET6 else { return nil }
        let halves = address.ipv6 ?? (high: 0, low: 0xFFFF_0000_0000 | UInt64(address.ipv4 ?? 0))
        var v6 = sockaddr_in6()
        v6.sin6_family = sa_family_t(AF_INET6)
        v6.sin6_port = address.port.bigEndian
        v6.sin6_scope_id = address.scope
        withUnsafeMutableBytes(of: &v6.sin6_addr) { bytes in
            bytes.storeBytes(of: halves.high.bigEndian, as: UInt64.self)
            bytes.storeBytes(of: halves.low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return copy(v6, to: &storage)
    }

    /// The address the kernel wrote; nil for a family other than IPv4 and IPv6.
    static func read(_ storage: sockaddr_storage) -> TransportAddress? {
        withUnsafeBytes(of: storage) { bytes in
            switch Int32(storage.ss_family) {
            case AF_INET:
                let v4 = bytes.loadUnaligned(as: sockaddr_in.self)
                return TransportAddress(
                    ipv4: UInt32(bigEndian: v4.sin_addr.s_addr), port: UInt16(bigEndian: v4.sin_port))
            case AF_INET6:
                let v6 = bytes.loadUnaligned(as: sockaddr_in6.self)
                let (high, low) = withUnsafeBytes(of: v6.sin6_addr) {
                    ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                }
                return TransportAddress(
                    ipv6: UInt64(bigEndian: high), UInt64(bigEndian: low), scope: v6.sin6_scope_id,
                    port: UInt16(bigEndian: v6.sin6_port))
            default:
                return nil
            }
        }
    }

    /// The address the operating system points at, which is as long as its family says.
    static func read(_ address: UnsafePointer<sockaddr>?) -> TransportAddress? {
        guard let address else { return nil }
        let size: Int
        switch Int32(address.pointee.sa_family) {
        case AF_INET: size = MemoryLayout<sockaddr_in>.size
        case AF_INET6: size = MemoryLayout<sockaddr_in6>.size
        default: return nil
        }
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: size))
        }
        return read(storage)
    }

    /// The address a socket is bound to, the port chosen by the kernel included.
    static func local(of descriptor: Int32) -> TransportAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutableBytes(of: &storage) { bytes in
            getsockname(descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
        }
        return result == 0 ? read(storage) : nil
    }

    /// Calls `body` with `address` as the kernel wants it for a socket of `family`; -1 when the family cannot hold it.
    static func withPointer(
        to address: TransportAddress, family: Int32, _ body: (UnsafePointer<sockaddr>?, socklen_t) -> Int32
    ) -> Int32 {
        var storage = sockaddr_storage()
        guard let length = write(address, family: family, to: &storage) else { return -1 }
        return withUnsafeBytes(of: &storage) { bytes in
            body(bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), length)
        }
    }

    static func family(of address: TransportAddress) -> Int32 {
        address.family == .ipv4 ? AF_INET : AF_INET6
    }

    private static func copy<Address>(_ address: Address, to storage: inout sockaddr_storage) -> socklen_t {
        withUnsafeMutableBytes(of: &storage) { storage in
            withUnsafeBytes(of: address) { storage.copyMemory(from: $0) }
        }
        return socklen_t(MemoryLayout<Address>.size)
    }
}

enum SocketOption {
    /// Sets an option that has a number. A kernel that does not know it goes on without.
    static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// An option that is a number; nil where the kernel has none to tell.
    static func get(_ descriptor: Int32, _ level: Int32, _ option: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, level, option, &value, &size) == 0 ? value : nil
    }
}
