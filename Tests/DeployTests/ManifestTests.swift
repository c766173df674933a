import Foundation
import Testing

/// Kubernetes' files: the schemas of its own kinds, and what no schema knows.
@Suite struct ManifestTests {
    private static let folder = "Deploy/kubernetes"
    private static let gateways = ["host-network.yaml", "load-balancer.yaml"]

    @Test(.requires(.yamllint)) func theYAMLIsPlain() throws {
        let outcome = try Checker.yamllint.run([
            "--strict", "--format", "parsable", "-d",
            "{extends: default, rules: {line-length: {max: 125}, document-start: disable, "
                + "comments: {min-spaces-from-content: 1}}}", Self.folder,
        ])
        #expect(outcome.said.isEmpty)
        #expect(outcome.status == 0)
    }

    /// No key is unknown, no value of a wrong kind. Of kinds that are Cilium's and Agones' it has no schemas.
    @Test(.requires(.kubernetesValidate), arguments: gateways + ["agones.yaml"])
    func theyAreAsTheSchemasSay(file: String) throws {
        let outcome = try Checker.kubernetesValidate.run(["--strict", "\(Self.folder)/\(file)"])
        let lines = outcome.said.split(separator: "\n")
        let foreign = lines.filter { $0.contains("WARN") }
        #expect(foreign.allSatisfy { $0.contains("schema for kind Fleet ") }, "\(foreign)")
        #expect(lines.allSatisfy { $0.contains(" passed for resource ") || foreign.contains($0) }, "\(lines)")
        #expect(lines.count == (try Self.documents(file).count))
    }

    /// What the Pod Security level "restricted" asks, the host's network aside, and more.
    @Test(.requires(.python), arguments: gateways) func thePodsMayNextToNothing(file: String) throws {
        let pod = try Self.pod(in: file)
        #expect(pod["automountServiceAccountToken"] as? Bool == false)
        #expect(pod["enableServiceLinks"] as? Bool == false)
        #expect(pod["hostNetwork"] as? Bool == (file == "host-network.yaml" ? true : nil))
        let security = try Self.map(pod, "securityContext")
        #expect(security["runAsNonRoot"] as? Bool == true)
        #expect(security["runAsUser"] as? Int == 65532)
        #expect(try Self.map(security, "seccompProfile")["type"] as? String == "RuntimeDefault")
        let container = try Self.container(in: file)
        let own = try Self.map(container, "securityContext")
        #expect(own["allowPrivilegeEscalation"] as? Bool == false)
        #expect(own["readOnlyRootFilesystem"] as? Bool == true)
        #expect(own["privileged"] as? Bool == false)
        #expect(try Self.map(own, "capabilities")["drop"] as? [String] == ["ALL"])
        let resources = try Self.map(container, "resources")
        #expect(try Self.map(resources, "limits")["memory"] != nil)
        #expect(try Self.map(container, "livenessProbe").description.contains("/health/live"))
        #expect(try Self.map(container, "readinessProbe").description.contains("/health/ready"))
    }

    @Test(.requires(.python), arguments: gateways) func aPodIsNotKilledWhileItsPlayersGo(file: String) throws {
        let arguments = try #require(try Self.container(in: file)["args"] as? [String])
        let drain = try #require(
            arguments.compactMap { $0.wholeMatch(of: #/--drain-timeout=(\d+)/#) }.first.flatMap { Int($0.1) })
        let grace = try #require(try Self.pod(in: file)["terminationGracePeriodSeconds"] as? Int)
        #expect(grace >= drain + 20)
    }

    /// A player of a gateway that is full, or lets its players go, plays on: not ready must not mean cut off.
    @Test(.requires(.python)) func datagramsReachAGatewayThatIsNotReady() throws {
        let specs = try Self.documents("load-balancer.yaml").compactMap { $0["spec"] as? [String: Any] }
        let spec = try #require(specs.first { $0["type"] as? String == "LoadBalancer" })
        #expect(spec["publishNotReadyAddresses"] as? Bool == true)
        #expect(spec["externalTrafficPolicy"] as? String == "Local")
        let ports = try #require(spec["ports"] as? [[String: Any]])
        let open = ports.map { "\($0["port"] ?? "") \($0["protocol"] ?? "TCP")" }
        #expect(Set(open) == ["8080 TCP", "8080 UDP", "8081 TCP"])
    }

    /// The route of the configuration, the name Agones' file makes, and the policies speak of the same server.
    @Test(.requires(.python), arguments: gateways) func theRouteLeadsToTheFleet(file: String) throws {
        let configuration = try #require(
            try Self.documents(file).first { $0["kind"] as? String == "ConfigMap" }?["data"] as? [String: String])
        let text = try #require(configuration["torii.yaml"])
        let server = try #require(text.firstMatch(of: #/server: enet:\/\/(\w+)\.(\w+)\.svc\.cluster\.local:(\d+)/#))
        let service = try #require(try Self.documents("agones.yaml").first { $0["kind"] as? String == "Service" })
        let metadata = try Self.map(service, "metadata")
        #expect(metadata["name"] as? String == String(server.1))
        #expect(metadata["namespace"] as? String == String(server.2))
        let selector = try #require(try Self.map(service, "spec")["selector"] as? [String: String])
        let fleet = try #require(try Self.documents("agones.yaml").first { $0["kind"] as? String == "Fleet" })
        let name = try #require(try Self.map(fleet, "metadata")["name"] as? String)
        #expect(selector == ["agones.dev/fleet": name])
        #expect(
            "\(fleet)".contains("containerPort = \(server.3)") || "\(fleet)".contains("\"containerPort\": \(server.3)"))
        let policies = try Checkout.text("\(Self.folder)/cilium-policy.yaml")
        #expect(policies.contains("port: \"\(server.3)\", protocol: UDP"))
        #expect(policies.contains("agones.dev/fleet: \(name)"))
    }

    private static func pod(in file: String) throws -> [String: Any] {
        let workload = try #require(
            try documents(file).first { ["Deployment", "StatefulSet"].contains($0["kind"] as? String) })
        return try map(map(map(workload, "spec"), "template"), "spec")
    }

    private static func container(in file: String) throws -> [String: Any] {
        try #require((try pod(in: file)["containers"] as? [[String: Any]])?.first)
    }

    private static func map(_ parent: [String: Any], _ key: String) throws -> [String: Any] {
        try #require(parent[key] as? [String: Any], "there is no \(key)")
    }

    private static func documents(_ file: String) throws -> [[String: Any]] {
        let program = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))"
        let outcome = try Checker.python.run(["-c", program, "\(folder)/\(file)"])
        try #require(outcome.status == 0, "\(outcome.said)")
        return try #require(try JSONSerialization.jsonObject(with: Data(outcome.said.utf8)) as? [[String: Any]])
    }
}
