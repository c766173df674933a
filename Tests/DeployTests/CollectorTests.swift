import Foundation
import Testing

/// The example for an OpenTelemetry Collector, as far as can be known without one: what it scrapes, Prometheus' own checker
/// reads; that its pipelines are whole, we see.
@Suite struct CollectorTests {
    private static let file = "Deploy/otel-collector.yaml"

    private func document() throws -> [String: Any] {
        let outcome = try Checker.python.run([
            "-c", "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)", Self.file,
        ])
        try #require(outcome.status == 0, "\(outcome.said)")
        return try #require(try JSONSerialization.jsonObject(with: Data(outcome.said.utf8)) as? [String: Any])
    }

    @Test(.requires(.yamllint)) func theYAMLIsPlain() throws {
        let outcome = try Checker.yamllint.run([
            "--strict", "--format", "parsable", "-d",
            "{extends: default, rules: {line-length: {max: 125}, document-start: disable}}", Self.file,
        ])
        #expect(outcome.said.isEmpty && outcome.status == 0)
    }

    @Test(.requires(.python)) func everyPartOfAPipelineIsThereAndUsed() throws {
        let document = try document()
        #expect(Set(document.keys) == ["receivers", "processors", "exporters", "service"])
        let service = try #require(document["service"] as? [String: Any])
        let pipelines = try #require(service["pipelines"] as? [String: [String: [String]]])
        #expect(pipelines.keys.sorted() == ["metrics"])
        for kind in ["receivers", "processors", "exporters"] {
            let defined = try #require(document[kind] as? [String: Any])
            #expect(Set(pipelines.values.flatMap { $0[kind] ?? [] }) == Set(defined.keys), "\(kind)")
        }
        // What may push back comes first.
        #expect(pipelines["metrics"]?["processors"]?.first == "memory_limiter")
    }

    @Test(.requires(.promtool), .requires(.python)) func prometheusReadsWhatIsScraped() throws {
        let receivers = try #require(try document()["receivers"] as? [String: [String: Any]])
        let config = try #require(receivers["prometheus"]?["config"])
        let path = FileManager.default.temporaryDirectory.appending(path: "torii-scrape-\(UUID().uuidString).yml")
        // JSON is YAML.
        try JSONSerialization.data(withJSONObject: config).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let outcome = try Checker.promtool.run(["check", "config", path.path(percentEncoded: false)])
        #expect(outcome.status == 0, "\(outcome.said)")
        // The job is called as alerts.yml expects it, and is where metrics.md has the gateway's metrics.
        let jobs = try #require((config as? [String: Any])?["scrape_configs"] as? [[String: Any]])
        #expect(jobs.map { $0["job_name"] as? String } == ["torii"])
        let targets = try #require(jobs.first?["static_configs"] as? [[String: [String]]])
        let place = targets.first?["targets"]?.first ?? "-"
        #expect(try Checkout.text("Deploy/metrics.md").contains("--metrics \(place) "))
    }
}
