import ArgumentParser
import Configuration
import Signaling

/// Who may speak for others.
struct ProxyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            A reverse proxy, or the network of some, that says in X-Forwarded-For or Forwarded who asks, like 10.0.0.5 or \
            10.0.0.0/8; joins are then counted for whom it names. It must set one of the two and remove the other; may be \
            repeated. (default: none)
            """, valueName: "address[/bits]"))
    var trustedProxy: [String] = []

    func proxies() throws -> TrustedProxies {
        TrustedProxies(
            try trustedProxy.map { text in
                guard let block = AddressBlock(text) else {
                    throw Failure.usage(
                        "--trusted-proxy \(AsWritten(text)): use an IP address or a network, like 10.0.0.5 or 10.0.0.0/8."
                    )
                }
                return block
            })
    }
}
