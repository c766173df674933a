import Glibc
import Primitives
import Testing

@testable import DataPlane

/// Real sockets on loopback.
@Suite struct UDPSocketTests {
    @Test(arguments: [
        (Loopback.ipv4, Loopback.ipv4), (Loopback.ipv6, Loopback.ipv6), (Loopback.anyIPv6, Loopback.ipv6),
        // IPv4 peers of a dual-stack socket have IPv4 addresses.
        (Loopback.anyIPv6, Loopback.ipv4),
    ])
    func datagramsGoThereAndBack(bound: TransportAddress, client: TransportAddress) throws {
        let shared = try UDPSocket(boundTo: bound)
        let target = try client.with(port: shared.address.port)
        let peer = try UDPSocket(boundTo: client)
        let batch = DatagramBatch()
        let datagrams: [[UInt8]] = [[1], [], Array(repeating: 7, count: 1200), Array(repeating: 8, count: 4096)]
        #expect(batch.send(datagrams, to: target, on: peer) == .init())
        let there = try batch.received(on: shared)
        #expect(there.map(\.bytes) == datagrams)
        try #expect(there.allSatisfy { try $0.source == peer.address })

        let source = try #require(there.first?.source)
        #expect(batch.send([[9]], to: source, on: shared) == .init())
        let back = try batch.received(on: peer)
        #expect(back.map(\.bytes) == [[9]])
        #expect(back.first?.source == target)
    }

    @Test func aWholeBatchIsReadAtOnceAndTheRestLater() throws {
        let shared = try UDPSocket(boundTo: Loopback.ipv4)
        let peer = try UDPSocket(connectedTo: shared.address)
        let batch = DatagramBatch()
        let count = 2 * DatagramBatch.capacity + 3
        #expect(batch.send((0..<count).map { [UInt8($0)] }, to: nil, on: peer) == .init())
        var sizes: [Int] = []
        var bytes: [UInt8] = []
        while bytes.count < count {
            let datagrams = try batch.received(on: shared)
            sizes.append(datagrams.count)
            bytes += datagrams.flatMap { $0.bytes ?? [] }
        }
        #expect(sizes == [DatagramBatch.capacity, DatagramBatch.capacity, 3])
        #expect(bytes == (0..<count).map { UInt8($0) })
    }

    @Test func nothingWaitsOnAnIdleSocket() throws {
        let shared = try UDPSocket(boundTo: Loopback.ipv4)
        guard case .nothing = DatagramBatch().receive(on: shared, limit: 1) else { return #expect(Bool(false)) }
    }

    @Test func whatDoesNotFitIsReportedAndTheNextIsWhole() throws {
        let shared = try UDPSocket(boundTo: Loopback.ipv4)
        let peer = try UDPSocket(connectedTo: shared.address)
        let batch = DatagramBatch()
        let oversize = [UInt8](repeating: 1, count: DatagramBatch.datagramSize + 1)
        #expect(batch.send([oversize, [2]], to: nil, on: peer) == .init())
        let received = try batch.received(on: shared)
        #expect(received.map(\.bytes) == [nil, [2]])
    }

    @Test(arguments: [Loopback.ipv4, Loopback.ipv6])
    func aServerThatIsNotThereIsReportedWhenReading(host: TransportAddress) throws {
        let socket = try UDPSocket(connectedTo: Loopback.closedPort(host))
        let batch = DatagramBatch()
        #expect(batch.send([[1]], to: nil, on: socket) == .init())
        #expect(socket.waitsToBeRead())
        guard case .refused = batch.receive(on: socket, limit: 1) else { return #expect(Bool(false)) }
        guard case .nothing = batch.receive(on: socket, limit: 1) else { return #expect(Bool(false)) }
    }

    /// The kernel tells it once, to whichever call comes first, and that call's datagram is not to blame.
    @Test func aServerThatIsNotThereIsReportedWhenSending() throws {
        let address = try Loopback.closedPort()
        let socket = try UDPSocket(connectedTo: address)
        let batch = DatagramBatch()
        #expect(batch.send([[1]], to: nil, on: socket) == .init())
        #expect(socket.waitsToBeRead())
        let server = try UDPSocket(boundTo: address)
        let sending = batch.send([[2], [3]], to: nil, on: socket)
        #expect(sending == .init(lost: 0, wasRefused: true))
        let received = try batch.received(on: server)
        #expect(received.map(\.bytes) == [[2], [3]])
    }

    @Test func aDestinationOfTheOtherFamilyIsNotStaged() throws {
        let shared = try UDPSocket(boundTo: Loopback.ipv4)
        let batch = DatagramBatch()
        #expect(batch.send([[1]], to: Loopback.ipv6.with(port: 9), on: shared) == .init(lost: 1))
        #expect(batch.isEmpty)
    }

    @Test func aDatagramTheKernelRefusesDoesNotTakeOthersWithIt() throws {
        let shared = try UDPSocket(boundTo: Loopback.ipv4)
        let peer = try UDPSocket(connectedTo: shared.address)
        let batch = DatagramBatch()
        let impossible = [UInt8](repeating: 0, count: 70_000)
        #expect(batch.send([[1], impossible, [2]], to: nil, on: peer) == .init(lost: 1))
        let received = try batch.received(on: shared)
        #expect(received.map(\.bytes) == [[1], [2]])
    }

    @Test func aConnectedSocketHearsItsServerOnly() throws {
        let server = try UDPSocket(boundTo: Loopback.ipv4)
        let socket = try UDPSocket(connectedTo: server.address)
        let stranger = try UDPSocket(boundTo: Loopback.ipv4)
        let batch = DatagramBatch()
        _ = try batch.send([[1]], to: socket.address, on: stranger)
        _ = try batch.send([[2]], to: socket.address, on: server)
        let received = try batch.received(on: socket)
        #expect(received.map(\.bytes) == [[2]])
    }

    @Test func aPortInUseIsNamed() throws {
        let first = try UDPSocket(boundTo: Loopback.ipv4)
        let address = try first.address
        let error = #expect(throws: NetworkError.self) { try UDPSocket(boundTo: address) }
        #expect(error == .addressInUse(address))
        // A dual-stack socket wants the port for IPv4 too.
        #expect(throws: NetworkError.self) { try UDPSocket(boundTo: Loopback.anyIPv6.with(port: address.port)) }
    }

    @Test func anAddressOfAnotherHostIsNamed() throws {
        let elsewhere = TransportAddress(ipv4: 0xC000_0263, port: 0)
        let error = #expect(throws: NetworkError.self) { try UDPSocket(boundTo: elsewhere) }
        #expect(error == .addressNotOfThisHost(elsewhere))
    }

    @Test(arguments: [
        NetworkError.addressInUse(Loopback.ipv4), .addressNotOfThisHost(Loopback.ipv6),
        .permissionDenied(Loopback.ipv4),
        .hostUnknown("game", cause: "Name or service not known"), .tooFewDescriptors(limit: 64, needed: 1000),
        .refused(call: "open an epoll", code: EMFILE),
    ])
    func everyErrorIsOneSentence(error: NetworkError) {
        let sentence = error.description
        #expect(sentence.hasSuffix("."))
        #expect(!sentence.contains(". ") && !sentence.contains("\n"))
    }

    @Test(arguments: [
        (EADDRINUSE, NetworkError.addressInUse(Loopback.ipv4)), (EADDRNOTAVAIL, .addressNotOfThisHost(Loopback.ipv4)),
        (EACCES, .permissionDenied(Loopback.ipv4)), (EPERM, .permissionDenied(Loopback.ipv4)),
        (EAFNOSUPPORT, .refused(call: "bind 127.0.0.1:0", code: EAFNOSUPPORT)),
    ])
    func bindsErrorsHaveTheirCases(code: Int32, error: NetworkError) {
        #expect(NetworkError(binding: Loopback.ipv4, code: code) == error)
    }
}
