import Testing

@testable import Signaling

/// Holds `Signaling/openapi.yaml` to what the other tests have seen the server do.
struct ContractTests {
    @Test func documentListsEveryResponse() throws {
        let documented = try openAPIResponses(in: repositoryFile("Signaling/openapi.yaml"))
        #expect(
            documented == [
                "/join/{route} post": [
                    "201", "400", "401", "403", "404", "408", "409", "413", "415", "422", "429", "431", "503",
                ],
                "/join/{route} options": ["204"],
                "/session/{id} get": ["200", "404"],
                "/session/{id} head": ["200", "404"],
                "/session/{id} delete": ["200", "400", "404"],
                "/session/{id} patch": ["200", "204", "400", "404", "408", "412", "413", "415", "422", "428", "431"],
                "/session/{id} options": ["204"],
                "/ice-servers get": ["200", "401"],
                "/torii.js get": ["200", "304"],
                "/openapi.yaml get": ["200", "304"],
                "/health/live get": ["200"],
                "/health/ready get": ["200", "503"],
            ])
    }

    @Test func documentNamesEveryHeader() throws {
        let text = try repositoryFile("Signaling/openapi.yaml")
        let exposed = HTTPResponse.standardHeaders["Access-Control-Expose-Headers"].joined()
        for name in [
            "Location", "Torii-Peer-Id", "Retry-After", "Accept-Post", "Accept-Patch", "Allow", "ETag", "Link",
            "Cache-Control",
        ] {
            #expect(text.contains("\(name):"))
        }
        #expect(text.contains(exposed))
        #expect(text.contains(Preflight.allowedMethods))
        #expect(text.contains(Preflight.allowedHeaders))
    }

    @Test(arguments: Parameter.allCases) func documentNamesEveryParameter(parameter: Parameter) throws {
        let rest = try repositoryFile("Signaling/openapi.yaml").split(separator: "- name: \(parameter.rawValue)\n")
        try #require(rest.count == 2)
        let schema = try #require(rest[1].split(separator: "\n").first { $0.contains("schema:") })
        let type = parameter.range.map { "integer, minimum: \($0.lowerBound), maximum: \($0.upperBound)" } ?? "string"
        #expect(schema.contains("type: \(type) }"))
    }
}

/// The status codes of every path and method. Reads only as much YAML as the document uses: two spaces a level.
func openAPIResponses(in text: String) -> [String: [String]] {
    var path = ""
    var method = ""
    var isInPaths = false
    var found: [String: [String]] = [:]
    for line in text.split(separator: "\n") {
        let indentation = line.prefix { $0 == " " }.count
        let key = line.dropFirst(indentation).prefix { $0 != ":" }
        switch indentation {
        case 0: isInPaths = key == "paths"
        case 2 where isInPaths: path = String(key)
        case 4 where isInPaths: method = String(key)
        case 8 where isInPaths && key.hasPrefix("\""):
            found["\(path) \(method)", default: []].append(key.filter { $0 != "\"" })
        default: break
        }
    }
    return found
}
