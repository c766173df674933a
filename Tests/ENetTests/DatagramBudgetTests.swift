import ENet
import Testing

@Suite struct DatagramBudgetTests {
    @Test func nothingIsCutIntoFragments() {
        // Ethernet, and what is not known: the largest that any server takes.
        #expect(DatagramBudget.mtu(linkMTU: nil, to: .ipv4) == 1392)
        #expect(DatagramBudget.mtu(linkMTU: 1500, to: .ipv6) == 1392)
        #expect(DatagramBudget.mtu(linkMTU: 65_536, to: .ipv4) == 1392)
        // WireGuard's, to the byte: 20 and 40 for IP, 8 for UDP.
        #expect(DatagramBudget.mtu(linkMTU: 1420, to: .ipv4) == 1392)
        #expect(DatagramBudget.mtu(linkMTU: 1419, to: .ipv4) == 1391)
        #expect(DatagramBudget.mtu(linkMTU: 1420, to: .ipv6) == 1372)
        #expect(DatagramBudget.mtu(linkMTU: 1420, to: .ipv6, overhead: 37) == 1335)
        #expect(DatagramBudget.mtu(linkMTU: 1280, to: .ipv6) == 1232)
    }

    @Test func enetsSmallestDatagramIsTheLeast() {
        #expect(DatagramBudget.mtu(linkMTU: DatagramBudget.smallestLinkMTU, to: .ipv6, overhead: 80) == 576)
        #expect(DatagramBudget.mtu(linkMTU: 68, to: .ipv4) == 576)
    }
}
