import Foundation

/// A real HTTP server of another make: Python's, which serves a folder of files on a port of 127.0.0.1, over TLS if need be.
public final class FileService: Sendable {
    public let port: UInt16
    private let folder: URL
    private let process: Process

    private static let program = """
        import http.server, os, ssl, sys
        os.chdir(sys.argv[1])
        http.server.ThreadingHTTPServer.request_queue_size = 128
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
        if len(sys.argv) > 2:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[2])
            server.socket = context.wrap_socket(server.socket, server_side=True)
        print(server.server_port, flush=True)
        server.serve_forever()
        """

    struct Failure: Error {}

    /// - Parameter identity: a certificate with its key in PEM form; nil for no TLS.
    public init(identity: String? = nil) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "torii-files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.program, folder.path(percentEncoded: false)]
        if let identity {
            let path = folder.appending(path: "identity.pem")
            try identity.write(to: path, atomically: false, encoding: .utf8)
            process.arguments?.append(path.path(percentEncoded: false))
        }
        let output = Pipe()
        let log = folder.appending(path: "log")
        try Data().write(to: log)
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure() }
            line += more
        }
        guard let port = UInt16(String(decoding: line.dropLast(), as: UTF8.self)) else { throw Failure() }
        self.port = port
    }

    /// How often something was asked for, as the server logs it before it answers.
    public var requestCount: Int {
        let log = try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)
        return log?.split(separator: "\n").count { $0.contains("\"GET ") } ?? 0
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: folder)
    }

    public func stop() {
        guard process.isRunning else { return }
        // Other signals may be blocked: the mask of the test's thread is inherited.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    public func publish(_ text: String, as name: String) throws {
        try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }
}
