import Foundation

/// An HTTP service in Python that answers a question as the token in it says: `403:No.`, or `echo`, `long`, `cut`, `never`. To
/// GET it says yes.
final class DecidingService: Sendable {
    let port: UInt16
    private let process: Process
    private let journal: URL

    private static let program = """
        import http.server, json, sys, threading
        class Deciding(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                token = json.loads(text)["token"] or "200:"
                self.log_message("asked")
                if token == "never": threading.Event().wait()
                if token == "cut": return
                if token == "echo": status, body = 403, self.path + " " + text
                elif token == "long": status, body = 200, " " * 9000
                else: status, body = token.replace("ESC", "\\x1b").split(":", 1)
                self.send_response(int(status))
                self.send_header("Location", "/elsewhere")
                if int(status) != 204: self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())
            def do_GET(self):
                self.wfile.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\nYes")
        http.server.ThreadingHTTPServer.request_queue_size = 128
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Deciding)
        server.daemon_threads = True
        print(server.server_port, flush=True)
        server.serve_forever()
        """

    struct Failure: Error {}

    init() throws {
        journal = FileManager.default.temporaryDirectory.appending(path: "torii-deciding-\(UUID().uuidString)")
        try Data().write(to: journal)
        let output = Pipe()
        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-u", "-c", Self.program]
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: journal)
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

    deinit {
        stop()
        try? FileManager.default.removeItem(at: journal)
    }

    func stop() {
        guard process.isRunning else { return }
        // Other signals may be blocked: the mask of the test's thread is inherited.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    var questionCount: Int {
        let log = try? String(contentsOf: journal, encoding: .utf8)
        // Its threads write at once, and may end two lines together.
        return log?.ranges(of: "asked").count ?? 0
    }
}
