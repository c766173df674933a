import CUSRSCTP
import DTLS
import Primitives
import SCTP
import SimulationSupport

/// What the browsers of a process share: a certificate, which costs more than all else, and ports of their own.
package struct WebBrowsers {
    package let context: DTLSContext
    private let nowhere = TransportAddress(ipv4: 0, port: 0)

    /// Milliseconds for which an acknowledgement waits for a message to travel with, unless a second packet comes first.
    /// Chromium's wait for half of its retransmission timeout, which is 220 ms and a round trip; Firefox's for 200 ms. So
    /// those of a player who says something 20 times a second never travel alone, as the gateway's own, shorter, wait
    /// would have it.
    private static let delayedAcknowledgement: UInt32 = 110

    package init() throws {
        _ = SCTPStack.shared
        usrsctp_sysctl_set_sctp_delayed_sack_time_default(Self.delayedAcknowledgement)
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
