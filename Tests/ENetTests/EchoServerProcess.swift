import ENet
import Foundation
import LibENet
import Primitives

/// `EnetEchoServer` (Tests/Interop) as a child process: real libenet over a real socket. Its standard input and
/// output are one socket, whose other end closes with this object or this process; the child ends with it.
final class EchoServerProcess {
    struct StartFailure: Error, CustomStringConvertible {
        let description: String
    }

    let port: UInt16
    /// Of the libenet it runs on.
    let version: String
    private let child: pid_t
    private let line: Int32

    init(
        on library: LibENet, channelLimit: Int = 255, incomingBandwidth: Int = 0, compression: Compression = .none
    ) throws {
        guard library.isHere else { throw StartFailure(description: LibENet.absence) }
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
        let environment = ProcessInfo.processInfo.environment.merging(library.environment) { _, its in its }
        var variables = environment.map { strdup("\($0)=\($1)") }
        defer { variables.forEach { free($0) } }
        variables.append(nil)
        let status = posix_spawn(&child, path, &actions, nil, arguments, variables)
        close(ends[1])
        guard status == 0 else { throw StartFailure(description: "\(path) did not start: error \(status)") }
        guard let version = Self.readLine(ends[0])?.dropFirst("libenet ".count),
            let port = (Self.readLine(ends[0])?.dropFirst("port ".count)).flatMap({ UInt16($0) })
        else { throw StartFailure(description: "\(path) did not name its version and port") }
        self.child = child
        self.port = port
        self.version = String(version)
        line = ends[0]
    }

    deinit {
        close(line)
        kill(child, SIGTERM)
        waitpid(child, nil, 0)
    }

    /// Since libenet 1.3.18.
    var hasSmallerMTUOfBoth: Bool { version.compare("1.3.18", options: .numeric) != .orderedAscending }

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
