import Configuration
import Testing

@Suite struct MetricsListeningTests {
    private let http = HostPort(host: "0.0.0.0", port: 8080)
    private let tcp = HostPort(host: "0.0.0.0", port: 8081)

    private func parsed(_ text: String) throws -> HostPort? {
        try MetricsListening.hostPort(parsing: text, http: http, tcp: tcp)
    }

    @Test func anAddressOrNowhere() throws {
        #expect(try parsed("off") == nil)
        #expect(try parsed("127.0.0.1:9464") == HostPort(host: "127.0.0.1", port: 9464))
        #expect(try parsed("[::1]:0") == HostPort(host: "::1", port: 0))
        // The kernel chooses another one.
        let free = HostPort(host: "0.0.0.0", port: 0)
        #expect(try MetricsListening.hostPort(parsing: "0.0.0.0:0", http: free, tcp: free) == free)
    }

    @Test(arguments: [
        ("9464", "--metrics 9464: write HOST:PORT, like 127.0.0.1:9464, or off."),
        ("", "--metrics : write HOST:PORT, like 127.0.0.1:9464, or off."),
        ("0.0.0.0:8080", "--metrics 0.0.0.0:8080 is where --http listens; give it another port."),
        ("0.0.0.0:8081", "--metrics 0.0.0.0:8081 is where --tcp listens; give it another port."),
    ])
    func whatCannotBeUsedIsSaid(text: String, sentence: String) {
        let error = #expect(throws: ConfigurationError.self) { _ = try parsed(text) }
        #expect(error?.description == sentence)
    }
}
