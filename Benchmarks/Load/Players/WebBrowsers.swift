import DTLS
import Primitives
import SimulationSupport

/// What the browsers of a process share: a certificate, which costs more than all else, and ports of their own.
package struct WebBrowsers {
    package let context: DTLSContext
    private let nowhere = TransportAddress(ipv4: 0, port: 0)

    package init() throws {
        context = try DTLSContext(certificate: Certificate())
        try context.offerSRTP()
    }

    /// - Parameter number: unlike any other's at the time; below 60,000.
    package func make(number: Int, channels: [SimulatedBrowser.Channel] = [.state]) -> SimulatedBrowser {
        SimulatedBrowser(
            address: nowhere, gateway: nowhere, context: context, channels: channels,
            sctpPort: UInt16(1024 + number), random: SeededRandom(seed: .random(in: 0 ... .max)))
    }
}

extension SimulatedBrowser.Channel {
    /// Unreliable, and ENet's channel 0.
    package static let state = SimulatedBrowser.Channel(0, label: "0", ordered: false, limit: .retransmissions(0))
}
