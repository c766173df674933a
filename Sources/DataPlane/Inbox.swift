import CSockets
import Glibc
import Synchronization

/// Requests from other threads to a worker, with a wake-up.
final class Inbox<Request: Sendable>: Sendable {
    let descriptor: Int32
    private struct Contents {
        var requests: [Request] = []
        var isClosed = false
    }

    private let contents = Mutex(Contents())

    init() throws(NetworkError) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        guard descriptor >= 0 else { throw .refused(call: "open an eventfd", code: errno) }
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// False when the worker has stopped and nobody will take the request.
    func send(_ request: Request) -> Bool {
        let isOpen = contents.withLock { contents in
            guard !contents.isClosed else { return false }
            contents.requests.append(request)
            return true
        }
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
        return isOpen
    }

    /// Takes what has arrived, oldest first.
    func take() -> [Request] {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
        return contents.withLock { contents in
            defer { contents.requests.removeAll() }
            return contents.requests
        }
    }

    /// Takes what has arrived and lets nothing more in.
    func close() -> [Request] {
        contents.withLock { $0.isClosed = true }
        return take()
    }
}
