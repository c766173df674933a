import ArgumentParser
import Configuration
import Primitives
import Signaling

/// What a container's health check runs, where there is neither a shell nor curl.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask a running gateway whether it is well; the status is 0 if so, 1 if not.",
        discussion: """
            It asks /health/live, or /health/ready with --ready. A gateway that is full, or that lets its players go, is \
            well and not ready: what restarts whatever is not well must not ask for ready.
            """)

    @Option(help: ArgumentHelp("Where the gateway's --http listens.", valueName: "host:port"))
    var http = "127.0.0.1:8080"

    @Flag(help: "Ask whether it takes new players.")
    var ready = false

    @Flag(help: "The gateway has an --http-certificate; it is not verified.")
    var tls = false

    @Option(help: ArgumentHelp("How long it may take to answer.", valueName: "seconds"))
    var timeout = 2

    func run() async throws {
        do {
            guard (1...60).contains(timeout) else {
                throw Failure.usage("--timeout \(timeout): use a number of seconds from 1 to 60.")
            }
            let place = try HostPort(parsing: http, origin: "--http")
            let probe = HealthProbe(
                host: place.host, port: place.port, timeout: .seconds(UInt64(timeout)), isSecure: tls)
            do throws(HealthFailure) {
                try await probe.ask(ready ? .ready : .live)
            } catch {
                throw Failure(sentence: "the gateway at \(place): \(AsWritten(error.description))", status: 1)
            }
        } catch {
            throw Failure(error).report()
        }
    }
}
