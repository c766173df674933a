import BenchmarkPlayers
import Foundation
import Glibc
import Primitives

/// Plain libenet servers that echo, and say so when a player's reliable messages do not come one after the other.
final class GameServers {
    private let program: URL
    private let folder: URL
    private var processes: [ChildProcess] = []
    private(set) var addresses: [TransportAddress] = []
    private(set) var restarts = 0
    private static let peers = 512

    init(_ program: URL, folder: URL, count: Int) throws {
        self.program = program
        self.folder = folder
        for index in 0..<count {
            addresses.append(try Self.unusedAddress())
            processes.append(try start(index))
        }
    }

    /// What they found wrong, a line each.
    var complaints: [String] {
        processes.flatMap { process in
            ((try? process.text()) ?? "").split(separator: "\n").filter { $0.hasPrefix("WRONG") }.map(String.init)
        }
    }

    /// Ends as in a crash: nobody is told.
    func kill(_ index: Int) {
        processes[index].signal(SIGKILL)
        processes[index].waitForEnd()
    }

    func restart(_ index: Int) throws {
        restarts += 1
        processes[index] = try start(index)
    }

    func stop() { processes.indices.forEach(kill) }

    private func start(_ index: Int) throws -> ChildProcess {
        let address = addresses[index]
        return try ChildProcess(
            program, [address.host, "\(address.port)", "\(Self.peers)", "numbered"],
            log: folder.appending(path: "server\(index)"), sign: "READY")
    }

    private static func unusedAddress() throws -> TransportAddress {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var local = sockaddr_in()
        local.sin_family = sa_family_t(AF_INET)
        local.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &local) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else { throw LoadError("There is no unused port.") }
        return TransportAddress(ipv4: 0x7F00_0001, port: UInt16(bigEndian: local.sin_port))
    }
}
