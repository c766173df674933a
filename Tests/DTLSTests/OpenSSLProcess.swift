import Foundation
import Glibc
import Primitives
import Synchronization

/// A child process whose output is collected.
final class Child {
    private let process = Process()
    private let input = Pipe()
    private let collected = Collected()
    private let outputPipe = Pipe()

    private final class Collected: Sendable {
        let text = Mutex("")
    }

    init(_ program: String, _ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = outputPipe
        process.standardError = FileHandle.nullDevice
        outputPipe.fileHandleForReading.readabilityHandler = { [collected] handle in
            let data = handle.availableData
            collected.text.withLock { $0 += String(decoding: data, as: UTF8.self) }
        }
        try process.run()
    }

    var output: String { collected.text.withLock { $0 } }

    func write(_ text: String) {
        input.fileHandleForWriting.write(Data(text.utf8))
    }

    func waitUntilExit() {
        process.waitUntilExit()
        outputPipe.fileHandleForReading.readabilityHandler = nil
        let rest = (try? outputPipe.fileHandleForReading.readToEnd()) ?? nil
        collected.text.withLock { $0 += String(decoding: rest ?? Data(), as: UTF8.self) }
    }

    func stop() {
        outputPipe.fileHandleForReading.readabilityHandler = nil
        // Not terminate(): threads of the test runner block SIGTERM, and children inherit that.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

/// A UDP socket on 127.0.0.1 that talks to one peer: the one given, or the first that writes.
final class LoopbackSocket {
    let port: UInt16
    var peerPort: UInt16?
    private var descriptor: Int32

    struct Failure: Error {}

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        self.descriptor = descriptor
        var address = Self.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard bound else { throw Failure() }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        close()
    }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    func send(_ packets: inout PacketArena) {
        guard let peerPort else { return }
        var address = Self.loopback(port: peerPort)
        packets.forEach { bytes in
            _ = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(
                        descriptor, bytes.baseAddress, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        packets.removeAll()
    }

    /// The next datagram, waited for no longer than this.
    func receive(milliseconds: Int32) -> [UInt8]? {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, milliseconds) > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 20_000)
        var source = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &source) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
            }
        }
        guard count >= 0 else { return nil }
        peerPort = peerPort ?? UInt16(bigEndian: source.sin_port)
        return Array(buffer.prefix(count))
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
