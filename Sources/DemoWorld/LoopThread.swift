import Glibc
import Primitives
import Synchronization

/// A thread that owns a socket and runs one loop over it until stopped.
final class LoopThread: Sendable {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private let socket: LoopbackSocket
    private let thread: Mutex<pthread_t?>

    /// - Parameter run: Returns soon after the socket's `wait` has returned false.
    init(_ socket: LoopbackSocket, _ run: @escaping @Sendable (LoopbackSocket) -> Void) throws(DemoError) {
        self.socket = socket
        let body = Unmanaged.passRetained(Body { run(socket) })
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        guard status == 0 else {
            body.release()
            socket.close()
            throw .systemCall("pthread_create", errno: status)
        }
        self.thread = Mutex(thread)
    }

    deinit {
        stop()
    }

    /// Ends the loop, waits for the thread and closes the socket. A second call does nothing.
    func stop() {
        thread.withLock { thread in
            guard let running = thread else { return }
            thread = nil
            socket.wake()
            pthread_join(running, nil)
            socket.close()
        }
    }
}
