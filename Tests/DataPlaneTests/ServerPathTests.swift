import CSockets
import Gateway
import Glibc
import Primitives
import Testing

@testable import DataPlane

/// What a route asks of its sockets, asked of the real kernel.
@Suite struct ServerPathTests {
    private func path(_ change: (inout ServerPath) -> Void) -> ServerPath {
        var path = ServerPath()
        change(&path)
        return path
    }

    @Test func theServerSeesTheSource() throws {
        let server = try UDPSocket(boundTo: Loopback.ipv4)
        let source = TransportAddress(ipv4: 0x7F00_0007, port: 0)
        let client = try UDPSocket(connectedTo: server.address, by: path { $0.source = source })
        let batch = DatagramBatch()
        #expect(batch.send([[1]], to: nil, on: client) == .init())
        let received = try batch.received(on: server)
        #expect(received.first?.source?.host == "127.0.0.7")
        #expect(received.first?.source?.port != 0)
    }

    @Test(arguments: [Loopback.ipv4, Loopback.ipv6]) func packetsAreMarked(host: TransportAddress) throws {
        let server = try UDPSocket(boundTo: host)
        let marked = try UDPSocket(connectedTo: server.address, by: path { $0.codePoint = 46 })
        let isIPv4 = host.family == .ipv4
        let option = isIPv4 ? (Int32(IPPROTO_IP), IP_TOS) : (Int32(IPPROTO_IPV6), IPV6_TCLASS)
        #expect(SocketOption.get(marked.descriptor, option.0, option.1) == 0xB8)
    }

    @Test func buffersAreAsLargeAsAsked() throws {
        let server = try UDPSocket(boundTo: Loopback.ipv4)
        let socket = try UDPSocket(
            connectedTo: server.address,
            by: path {
                $0.sendBuffer = 20_000
                $0.receiveBuffer = 30_000
            })
        // socket(7): the kernel doubles what is asked for.
        #expect(SocketOption.get(socket.descriptor, SOL_SOCKET, SO_SNDBUF) == 40_000)
        #expect(SocketOption.get(socket.descriptor, SOL_SOCKET, SO_RCVBUF) == 60_000)
    }

    /// Nobody's address: what leads there is a network's interface or nothing, and not that of this host to itself.
    @Test func theInterfaceIsTheWayWhateverTheRoutingTableSays() throws {
        let server = TransportAddress(ipv4: 0xCB00_7101, port: 7777)
        let loopbackMTU = 65_535
        #expect(try ServerPlace(checking: server, by: path { $0.interface = "lo" }).linkMTU == loopbackMTU)
        #expect(try ServerPlace(checking: server, by: ServerPath()).linkMTU != loopbackMTU)
    }

    @Test func whatThisHostCannotDoIsSaid() throws {
        let server = try UDPSocket(boundTo: Loopback.ipv4).address
        let foreign = path { $0.source = TransportAddress(ipv4: 0xCB00_7107, port: 0) }
        #expect(throws: NetworkError.sourceNotOfThisHost("203.0.113.7")) {
            try ServerPlace(checking: server, by: foreign)
        }
        let other = path { $0.source = TransportAddress(ipv6: 0, 1, port: 0) }
        #expect(throws: NetworkError.sourceNotOfThisHost("::1")) { try ServerPlace(checking: server, by: other) }
        #expect(throws: NetworkError.interfaceUnknown("torii-none")) {
            try ServerPlace(checking: server, by: path { $0.interface = "torii-none" })
        }
    }

    @Test func theKernelTellsWhatGoesThereWhole() throws {
        let server = try UDPSocket(boundTo: Loopback.ipv4).address
        #expect(try ServerPlace(checking: server, by: ServerPath()).linkMTU == 65_535)
        #expect(try ServerPlace(checking: server, by: path { $0.linkMTU = 1400 }).linkMTU == 1400)
        let server6 = try UDPSocket(boundTo: Loopback.ipv6).address
        #expect(try ServerPlace(checking: server6, by: ServerPath()).linkMTU == 65_536)
    }
}
