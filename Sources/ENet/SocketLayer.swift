// libenet's platform layer, replaced.
//
// libenet reaches its sockets and its clock through exported functions (`enet_socket_*`, `enet_time_get`,
// `enet_host_random_seed`), and calls them through the dynamic linker's table. A program that defines functions of
// those names is therefore asked instead. The definitions below make no system call: a datagram is taken from, or laid
// into, the `HostPort` of the call in progress, and the time is the one its caller passed in. Memory is counted the
// same way, through libenet's own allocation callbacks.
//
// Several threads may each drive hosts of their own. The port of the call in progress is a thread-local value, set
// around every call into libenet and cleared after it. libenet itself keeps no mutable state outside its hosts but the
// allocation callbacks, which are set once.
//
// Left out: stream sockets, name look-up, waiting and `select`. libenet's host never uses them.
import CENet
import Glibc

/// Owner of what libenet shares process-wide: the replaced socket layer, the allocator and the port in use.
public enum SocketLayer {
    /// The number libenet is given as its socket. Negative, so that no system call could take it for a descriptor;
    /// -1 means failure to libenet.
    static let socket: ENetSocket = -42

    /// Checks that libenet really calls this module's socket layer, by letting a throw-away host send one datagram,
    /// and that the library that was loaded is the version whose structures this program was compiled against.
    ///
    /// Call it once at start, before any host is made. Without it a libenet whose calls bypass the replacement would
    /// open sockets of its own and send each session's datagrams to a loopback address.
    public static func verifyIsInstalled() throws(SocketLayerError) {
        try verify(loaded: enet_linked_version(), on: HostPort(memoryLimit: 1 << 20))
    }

    /// The check itself. Tests pass a wrong version, or no port, which is what a bypassed layer looks like.
    static func verify(loaded: ENetVersion, on port: HostPort?) throws(SocketLayerError) {
        guard loaded == compiledVersion else {
            throw .versionMismatch(compiled: text(of: compiledVersion), loaded: text(of: loaded))
        }
        guard let port, isAllocatorInstalled else { throw .bypassed }
        let isHit = use(port) {
            guard let host = enet_host_create(nil, 1, 1, 0, 0) else { return false }
            defer { enet_host_destroy(host) }
            var address = HostPort.serverPlaceholder
            guard host.pointee.socket == socket, enet_host_connect(host, &address, 1, 0) != nil else { return false }
            enet_host_flush(host)
            return port.outgoing.count == 1 && port.clockReads > 0 && port.allocatedBytes > 0
        }
        guard isHit else { throw .bypassed }
    }

    /// A host with one peer, the server it will ask, and as little memory as one can do with.
    static func makeClient(on port: HostPort, channelCount: Int) -> (UnsafeMutablePointer<ENetHost>, PeerPointer) {
        precondition(isAllocatorInstalled, "libenet refused its memory callbacks.")
        let host = use(port) { enet_host_create(nil, 1, channelCount, 0, 0) }
        guard let host, let peer = host.pointee.peers, host.pointee.socket == socket else {
            preconditionFailure("libenet has no memory, or was not checked at start (SocketLayer.verifyIsInstalled).")
        }
        if isOfHostMemory(host) { HostMemory.giveUpSecondBuffer(of: host) }
        return (host, peer)
    }

    /// Runs `body`, in which libenet's calls on this thread reach `port`.
    @inline(__always)
    static func use<Value>(_ port: HostPort, _ body: () -> Value) -> Value {
        let previous = pthread_getspecific(key)
        pthread_setspecific(key, Unmanaged.passUnretained(port).toOpaque())
        defer { pthread_setspecific(key, previous) }
        return body()
    }

    /// Runs `body`, whose memory is no host's, whichever call it is in.
    static func withoutPort<Value>(_ body: () -> Value) -> Value {
        let previous = pthread_getspecific(key)
        pthread_setspecific(key, nil)
        defer { pthread_setspecific(key, previous) }
        return body()
    }

    /// The port of the call in progress on this thread; nil outside one.
    @inline(__always)
    fileprivate static var current: HostPort? {
        pthread_getspecific(key).map { Unmanaged<HostPort>.fromOpaque($0).takeUnretainedValue() }
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let status = pthread_key_create(&key, nil)
        precondition(status == 0, "The process has no thread-local key left for libenet's socket layer.")
        return key
    }()

    /// Installs the counting allocator, once. Every host asks for it before it is made.
    static let isAllocatorInstalled: Bool = {
        var callbacks = ENetCallbacks(
            malloc: { count in SocketLayer.allocate(count) },
            free: { memory in SocketLayer.release(memory) },
            no_memory: {}  // libenet's own would abort; every caller of its allocator copes with a null pointer
        )
        return enet_initialize_with_callbacks(compiledVersion, &callbacks) == 0
    }()

    /// Before each block lie its size and whether it is one of `HostMemory`'s; as many bytes as keep the block aligned.
    static let blockHeader = 16
    private static let originOffset = 8

    private static func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
        let port = current
        let (size, overflow) = count.addingReportingOverflow(blockHeader)
        guard !overflow, size <= port?.remainingMemory ?? .max else { return nil }
        let isHost = count == HostMemory.hostSize && HostMemory.isOfUse
        let place = isHost ? port?.hostMemory?.take() : nil
        guard let block = place ?? malloc(size) else { return nil }
        block.storeBytes(of: size, as: Int.self)
        block.storeBytes(of: place != nil, toByteOffset: originOffset, as: Bool.self)
        port?.allocatedBytes += size
        return block + blockHeader
    }

    private static func release(_ memory: UnsafeMutableRawPointer?) {
        guard let memory else { return }
        let block = memory - blockHeader
        let port = current
        port?.allocatedBytes -= block.load(as: Int.self)
        guard isOfHostMemory(memory) else { return free(block) }
        // It is destroyed as it was made, in calls that reach its port.
        port?.hostMemory?.giveBack(block)
    }

    private static func isOfHostMemory(_ memory: UnsafeMutableRawPointer) -> Bool {
        (memory - blockHeader).load(fromByteOffset: originOffset, as: Bool.self)
    }

    private static var compiledVersion: ENetVersion {
        ENetVersion(ENET_VERSION_MAJOR) << 16 | ENetVersion(ENET_VERSION_MINOR) << 8 | ENetVersion(ENET_VERSION_PATCH)
    }

    private static func text(of version: ENetVersion) -> String {
        "\(version >> 16 & 0xFF).\(version >> 8 & 0xFF).\(version & 0xFF)"
    }
}

/// Why this program must not use the libenet it was loaded with.
public enum SocketLayerError: Error, Equatable, CustomStringConvertible {
    /// libenet called its own socket functions.
    case bypassed
    /// The library's structures may differ from those this program was compiled against.
    case versionMismatch(compiled: String, loaded: String)

    public var description: String {
        switch self {
        case .bypassed:
            """
            libenet does not call this program's socket functions, so it was linked statically or with \
            -Bsymbolic-functions; link against a shared libenet built without that option (Debian's libenet7 is one).
            """
        case .versionMismatch(let compiled, let loaded):
            """
            This program was compiled for libenet \(compiled) but \(loaded) was loaded, and their structures differ; \
            install libenet \(compiled) or build this program again against the headers of \(loaded).
            """
        }
    }
}

// MARK: - What libenet calls

@c @implementation
public func enet_time_get() -> enet_uint32 {
    SocketLayer.current?.readClock() ?? 0
}

/// The seed is set in each host after it is made, from the caller's randomness.
@c @implementation
public func enet_host_random_seed() -> enet_uint32 { 0 }

@c @implementation
public func enet_socket_create(_ type: ENetSocketType) -> ENetSocket {
    SocketLayer.current == nil ? -1 : SocketLayer.socket
}

@c @implementation
public func enet_socket_bind(_ socket: ENetSocket, _ address: UnsafePointer<ENetAddress>?) -> Int32 { 0 }

/// Fails, so that libenet keeps the address it was told.
@c @implementation
public func enet_socket_get_address(_ socket: ENetSocket, _ address: UnsafeMutablePointer<ENetAddress>?) -> Int32 { -1 }

@c @implementation
public func enet_socket_set_option(_ socket: ENetSocket, _ option: ENetSocketOption, _ value: Int32) -> Int32 { 0 }

@c @implementation
public func enet_socket_destroy(_ socket: ENetSocket) {}

/// Never reached: every service call has a timeout of zero.
@c @implementation
public func enet_socket_wait(
    _ socket: ENetSocket, _ condition: UnsafeMutablePointer<enet_uint32>?, _ timeout: enet_uint32
) -> Int32 {
    condition?.pointee = 0
    return 0
}

@c @implementation
public func enet_socket_send(
    _ socket: ENetSocket, _ address: UnsafePointer<ENetAddress>?, _ buffers: UnsafePointer<ENetBuffer>?, _ count: Int
) -> Int32 {
    guard let port = SocketLayer.current, let address, let buffers else { return -1 }
    return port.send(UnsafeBufferPointer(start: buffers, count: count), to: address.pointee)
}

/// One datagram per call; 0 when there is none left.
@c @implementation
public func enet_socket_receive(
    _ socket: ENetSocket, _ address: UnsafeMutablePointer<ENetAddress>?, _ buffers: UnsafeMutablePointer<ENetBuffer>?,
    _ count: Int
) -> Int32 {
    guard let port = SocketLayer.current, let buffers, count > 0 else { return -1 }
    let room = UnsafeMutableRawBufferPointer(start: buffers.pointee.data, count: buffers.pointee.dataLength)
    return port.receive(into: room, from: address)
}
