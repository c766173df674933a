import ArgumentParser
import Configuration
import Gateway
import Primitives

/// How the gateway goes, and what it is called beside others.
struct DrainOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            After SIGTERM no new players are taken, and those who play go on for this long; 0 is not at all. Let what \
            stops the gateway wait ten seconds longer. (default: 20; 0 of the demo)
            """, valueName: "seconds"))
    var drainTimeout: Int?

    @Option(
        help: ArgumentHelp(
            "After SIGTERM, with no more sessions left than this, the others are not waited for.", valueName: "count"))
    var drainMinimum = 0

    @Option(
        help: ArgumentHelp(
            """
            This gateway's name among others behind one load balancer: letters, digits and hyphens. The URLs of its \
            sessions begin with /session/NAME. then. (default: none)
            """, valueName: "name"))
    var node: String?

    // Our choice: with the farewells, and requests under way, it fits into the 30 s that Kubernetes gives unless told.
    static let serveTimeout = 20

    /// - Parameter seconds: how long it is waited unless an option says.
    func departure(unlessSaid seconds: Int) throws -> Departure {
        let seconds = drainTimeout ?? seconds
        guard (0...86_400).contains(seconds) else {
            throw Failure.usage("--drain-timeout \(seconds): use a number of seconds from 0 to 86400, which is a day.")
        }
        guard (0...60_000).contains(drainMinimum) else {
            throw Failure.usage("--drain-minimum \(drainMinimum): use a number from 0 to 60000.")
        }
        return Departure(timeout: .seconds(UInt64(seconds)), minimum: drainMinimum)
    }

    func nodeName() throws -> NodeName? {
        guard let node else { return nil }
        guard let name = NodeName(node) else {
            throw Failure.usage(
                "--node \(AsWritten(node)): use 1 to \(NodeName.longest) letters, digits and hyphens, as in a host's name."
            )
        }
        return name
    }
}
