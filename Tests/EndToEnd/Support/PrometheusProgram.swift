import Foundation

/// A Prometheus of its own on loopback that scrapes some addresses several times a second, with the rules of Deploy.
struct PrometheusProgram: Sendable {
    /// `http://HOST:PORT`
    let origin: String

    private static func configuration(_ targets: [String]) -> String {
        """
        global: {scrape_interval: 250ms, scrape_timeout: 250ms, evaluation_interval: 250ms}
        rule_files: ["\(Checkout.path("Deploy/alerts.yml"))"]
        scrape_configs:
          - job_name: torii
            static_configs: [{targets: [\(targets.map { "\"\($0)\"" }.joined(separator: ", "))]}]
        """
    }

    /// Runs one while `body` runs.
    static func running<Result: Sendable>(
        scraping targets: [String], _ body: (PrometheusProgram) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "torii-prometheus-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path(percentEncoded: false)
        try configuration(targets).write(toFile: "\(path)/prometheus.yml", atomically: true, encoding: .utf8)
        let arguments = [
            "--config.file=\(path)/prometheus.yml", "--storage.tsdb.path=\(path)/data",
            "--web.listen-address=127.0.0.1:0",
        ]
        return try await ChildProcess.running(Requirement.prometheus.path(), arguments) { process in
            let line = try await process.errors.first("Prometheus' listener") { $0.contains("msg=\"Listening on\"") }
            _ = try await process.errors.first("Prometheus") { $0.contains("Server is ready to receive web requests") }
            guard let address = line.firstMatch(of: #/ address=(\S+)/#)?.1 else {
                throw HarnessError("Prometheus wrote \"\(line)\"")
            }
            return try await body(PrometheusProgram(origin: "http://\(address)"))
        }
    }

    /// What an expression of PromQL comes to now: one element for each series.
    func query(_ expression: String) async throws -> [JSONValue] {
        let answer = try await Self.output(
            "curl",
            [
                "--silent", "--show-error", "--max-time", "10", "--get", "--data-urlencode", "query=\(expression)",
                "\(origin)/api/v1/query",
            ])
        let document = try JSONDecoder().decode(JSONValue.self, from: Data(answer.utf8))
        guard document["status"].string == "success", let result = document["data"]["result"].array else {
            throw HarnessError("\(expression): \(document["error"].string ?? answer)")
        }
        return result
    }

    /// Waits until an expression comes to what is wanted of the values of its series.
    func wait(
        for expression: String, within patience: Duration = .seconds(20), until wanted: ([Double]) -> Bool
    ) async throws {
        let end = ContinuousClock.now + patience
        while true {
            let values = try await query(expression).compactMap { $0["value"][1].string.flatMap { Double($0) } }
            if wanted(values) { return }
            guard ContinuousClock.now < end else { throw HarnessError("\(expression) stays \(values)") }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Waits until an expression comes to this one value.
    func wait(for expression: String, toBe value: Double, within patience: Duration = .seconds(20)) async throws {
        try await wait(for: expression, within: patience) { $0 == [value] }
    }

    /// What a program wrote, which must end well.
    static func output(_ program: String, _ arguments: [String]) async throws -> String {
        try await ChildProcess.running(program, arguments) { process in
            guard try await process.exit() == .code(0) else {
                throw HarnessError("\(program) \(arguments): \(process.output.entries + process.errors.entries)")
            }
            return process.output.entries.joined(separator: "\n")
        }
    }
}

/// Deploy/dashboard.json as Grafana reads it.
enum Dashboard {
    /// Every query, with Grafana's variables as they are when everything is chosen.
    static func queries() throws -> [String] {
        let text = try Data(contentsOf: URL(filePath: Checkout.path("Deploy/dashboard.json")))
        let panels = try JSONDecoder().decode(JSONValue.self, from: text)["panels"].array ?? []
        return panels.flatMap { $0["targets"].array ?? [] }.compactMap { $0["expr"].string }.map {
            $0.replacing("$__rate_interval", with: "10s").replacing("$instance", with: ".*").replacing(
                "$route", with: ".*")
        }
    }
}
