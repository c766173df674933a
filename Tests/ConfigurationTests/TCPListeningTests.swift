import Testing

@testable import Configuration

@Suite struct TCPListeningTests {
    private func parse(
        _ text: String, udp: (String, UInt16) = ("0.0.0.0", 3478), http: (String, UInt16) = ("0.0.0.0", 8080)
    ) throws(ConfigurationError) -> HostPort? {
        try TCPListening.hostPort(
            parsing: text, udp: HostPort(host: udp.0, port: udp.1), http: HostPort(host: http.0, port: http.1))
    }

    @Test func sameFollowsUDPAndMakesWayForHTTP() throws {
        #expect(try parse("same") == HostPort(host: "0.0.0.0", port: 3478))
        #expect(try parse("same", udp: ("::", 8080)) == HostPort(host: "::", port: 8081))
        #expect(try parse("same", udp: ("a", 65535), http: ("b", 65535)) == HostPort(host: "a", port: 65534))
        // The kernel chooses, and chooses two.
        #expect(try parse("same", udp: ("a", 0), http: ("a", 0)) == HostPort(host: "a", port: 0))
    }

    @Test func offIsNowhere() throws {
        #expect(try parse("off") == nil)
    }

    @Test func anAddressIsTaken() throws {
        #expect(try parse("[::]:443") == HostPort(host: "::", port: 443))
        #expect(try parse("127.0.0.1:0", http: ("127.0.0.1", 0)) == HostPort(host: "127.0.0.1", port: 0))
        #expect(try parse("192.0.2.1:8080") == HostPort(host: "192.0.2.1", port: 8080))
    }

    @Test(arguments: ["", "on", "8081", "0.0.0.0", "::1", "127.0.0.1:65536", "a b:1", "Off"])
    func whatCannotBeUsedIsNamedWithTheCure(text: String) {
        let error = #expect(throws: ConfigurationError.self) { try parse(text) }
        expectSentence(error?.description ?? "", begins: "--tcp \(text):", cure: "write HOST:PORT, same or off")
    }

    @Test func theHTTPPortIsNamed() {
        let error = #expect(throws: ConfigurationError.self) { try parse("0.0.0.0:8080") }
        expectSentence(
            error?.description ?? "", begins: "--tcp 0.0.0.0:8080 is where --http listens", cure: "another port")
    }
}
