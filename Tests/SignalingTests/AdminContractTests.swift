import Testing

@testable import Signaling

/// Holds `Signaling/admin/admin-api.yaml` to the code, in both directions.
struct AdminContractTests {
    private let text: String

    init() throws {
        text = try repositoryFile("Signaling/admin/admin-api.yaml")
    }

    @Test func pathsAndMethodsAreThoseOfTheCode() {
        let documented = Set(openAPIResponses(in: text).keys)
        let served = AdminResource.allCases.flatMap { resource in
            // One stands for all: HEAD is what GET is, without a body.
            resource.methods.filter { $0 != .HEAD || resource == .gateway }.map {
                "\(resource.path) \($0.rawValue.lowercased())"
            }
        }
        #expect(documented == Set(served))
    }

    @Test func everyStatusIsListed() {
        let always = ["200", "400", "401", "403", "429"]
        let named = ["200", "400", "401", "403", "404", "409", "429"]
        #expect(
            openAPIResponses(in: text) == [
                "/api/gateway get": always, "/api/gateway head": always, "/api/sessions get": always,
                "/api/sessions/{id} get": named,
                "/api/sessions/{id} delete": named.map { $0 == "200" ? "204" : $0 },
                "/api/sessions/{id}/capture post": named, "/api/ended-sessions get": always, "/api/servers get": always,
                "/api/drain post": always,
                "/api/drain delete": ["200", "400", "401", "403", "409", "429"], "/api/log-level get": always,
                "/api/log-level put": ["200", "400", "401", "403", "413", "415", "429"],
            ])
    }

    @Test(arguments: AdminParameter.allCases) func everyParameterHasItsRange(parameter: AdminParameter) throws {
        let sections = text.split(separator: "- name: \(parameter.rawValue)\n").dropFirst()
        #expect(!sections.isEmpty)
        for section in sections {
            let schema = try #require(section.split(separator: "\n").first { $0.contains("schema:") })
            let type =
                parameter.range.map { "integer, minimum: \($0.lowerBound), maximum: \($0.upperBound)" }
                ?? "string, minLength: 1"
            #expect(schema.contains("type: \(type) }"))
        }
        let takers = AdminResource.allCases.flatMap { one in one.methods.map(one.parameters) }
        #expect(takers.contains { $0.contains(parameter) })
    }

    @Test func levelsAreThoseOfTheCode() {
        let levels = AdminLogLevel.allCases.map(\.rawValue).joined(separator: ", ")
        #expect(text.contains("level: { type: string, enum: [\(levels)] }"))
        #expect(text.contains("maximum: \(AdminParameter.limit.range?.upperBound ?? 0) }"))
        #expect(text.contains("\(AdminService.usualLimit) unless given"))
    }
}
