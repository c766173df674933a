import ENet
import Glibc
import Primitives

/// `EnetEchoServer` (Tests/Interop) as a child process: real libenet over a real socket. Its standard input and
/// output are one socket, whose other end closes with this object or this process; the child ends with it.
final class EchoServerProcess {
    struct StartFailure: Error, CustomStringConvertible {
        let description: String
    }

    let port: UInt16
    private let child: pid_t
    private let line: Int32

    init(channelLimit: Int = 255, incomingBandwidth: Int = 0, compression: Compression = .none) throws {
        let path = try Self.executablePath()
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw StartFailure(description: "socketpair failed: error \(errno)")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var child = pid_t()
        let words = [path, "0", "\(channelLimit)", "\(incomingBandwidth)", compression.rawValue]
        var arguments = words.map { (text: String) in strdup(text) }
        defer { arguments.forEach { free($0) } }
        arguments.append(nil)
        let status = posix_spawn(&child, path, &actions, nil, arguments, environ)
        close(ends[1])
        guard status == 0 else { throw StartFailure(description: "\(path) did not start: error \(status)") }
        guard let first = Self.readLine(ends[0]), let port = UInt16(first.dropFirst("port ".count)) else {
            throw StartFailure(description: "\(path) did not name its port")
        }
        self.child = child
        self.port = port
        line = ends[0]
    }

    deinit {
        close(line)
        kill(child, SIGTERM)
        waitpid(child, nil, 0)
    }

    /// Its next line, waited for.
    func nextLine() -> String? { Self.readLine(line) }

    /// The build lays all executables beside the tests' own.
    private static func executablePath() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if let slash = own.lastIndex(of: "/") {
            let path = own[...slash] + "EnetEchoServer"
            if access(String(path), X_OK) == 0 { return String(path) }
        }
        throw StartFailure(description: "EnetEchoServer is not beside the tests; build the whole package first")
    }

    private static func readLine(_ descriptor: Int32) -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1 {
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        return nil
    }
}
