import Foundation
import Gateway
import Glibc
import Impairment
import Primitives
import SDP
import SimulationSupport
import Synchronization
import Testing

@testable import DataPlane

/// The worker with real sockets, asked from any task.
@Suite(.onTheSCTPStack) struct DataPlaneTests {
    @Test func theKernelsPortIsNamedInAnswers() async throws {
        try await withPlane { plane in
            #expect(plane.udp.port != 0)
            #expect(plane.advertised.udp == [plane.udp])
            let answer = try await plane.join(request())
            let description = try DataChannelDescription(answer: SessionDescription(parsing: Array(answer.sdp.utf8)))
            #expect(description.candidates.map(\.address) == [plane.udp])
        }
    }

    @Test func advertisedAddressesTakeThePortWhereTheyHaveNone() async throws {
        let outside = TransportAddress(ipv4: 0xCB00_7107, port: 0)
        try await withPlane(advertised: [outside, outside.with(port: 99)]) { plane in
            #expect(plane.advertised.udp == [outside.with(port: plane.udp.port), outside.with(port: 99)])
        }
    }

    /// The port outside is the router's choice, not ours.
    @Test func answersNameTheAddressesAndPortsOutside() async throws {
        let outside = TransportAddress(ipv4: 0xCB00_7107, port: 8080)
        let other = TransportAddress(ipv6: 0x2001_0DB8_0000_0000, 7, port: 443)
        try await withPlane(advertised: [outside, other]) { plane in
            let candidates = try await candidates(plane)
            #expect(plane.udp.port != 8080 && plane.udp.port != 443)
            #expect(candidates == [outside, other])
        }
    }

    /// A home router gets a new address: new answers and restarts name it, and sessions go on.
    @Test func aNameThatMovesIsFollowed() async throws {
        let resolver = TestResolver(["home.example": ["203.0.113.1"]])
        var settings = settings(udp: Loopback.ipv4, advertised: [], sessionLimit: 10)
        settings.advertised = try AdvertisedAddresses(
            resolving: [.init(host: "home.example", port: 9000)], by: resolver.function)
        settings.lookUp = resolver.function
        settings.lookUpInterval = 1
        let (changes, change) = AsyncStream.makeStream(of: AddressChange.self)
        let plane = try await DataPlane.start(settings, addressChange: { change.yield($0) }, report: { _ in })
        var told = changes.makeAsyncIterator()
        let first = try await plane.join(request())
        #expect(try addresses(in: first.sdp).map(\.description) == ["203.0.113.1:9000"])

        resolver.answer("home.example", with: ["203.0.113.2", "2001:db8::2"])
        let now = ["203.0.113.2:9000", "[2001:db8::2]:9000"]
        guard case .ports(let ports)? = await told.next() else { return #expect(Bool(false)) }
        #expect(ports.udp.map(\.description) == now)
        #expect(try await candidates(plane).map(\.description) == now)
        let status = await plane.status(of: first.session)
        #expect(status == .joining)
        let fragment = try ICEFragment(
            parsing: Array("a=ice-ufrag:abcd\r\na=ice-pwd:\(String(repeating: "p", count: 24))\r\n".utf8))
        guard case .restarted(let sdp, _) = try await plane.update(first.session, fragment, iceTag: first.iceTag) else {
            return #expect(Bool(false))
        }
        #expect(sdp.contains(" 203.0.113.2 9000 ") && sdp.contains(" 2001:db8::2 9000 "))
        #expect(!sdp.contains("203.0.113.1"))

        resolver.answer("home.example", with: nil)
        #expect(await told.next() == .unresolved(.hostUnknown("home.example", cause: "no answer")))
        #expect(try await candidates(plane).map(\.description) == now)
        await plane.stop()
    }

    /// After a reload answers name what is advertised then, and what became of names before no longer matters.
    @Test func aReloadReplacesTheNames() async throws {
        let resolver = TestResolver(["home.example": ["203.0.113.1"], "other.example": ["198.51.100.1"]])
        func advertising(_ name: String) throws -> DataPlaneSettings {
            var settings = settings(udp: Loopback.ipv4, advertised: [], sessionLimit: 10)
            settings.advertised = try AdvertisedAddresses(
                resolving: [.init(host: name, port: 9000)], by: resolver.function)
            settings.lookUp = resolver.function
            settings.lookUpInterval = 1
            return settings
        }
        let (changes, change) = AsyncStream.makeStream(of: AddressChange.self)
        let plane = try await DataPlane.start(
            advertising("home.example"), addressChange: { change.yield($0) }, report: { _ in })
        var told = changes.makeAsyncIterator()
        let first = try await plane.join(request())
        let ports = try await plane.reload(advertising("other.example"))
        #expect(ports.udp.map(\.description) == ["198.51.100.1:9000"])
        #expect(try await candidates(plane).map(\.description) == ["198.51.100.1:9000"])
        resolver.answer("home.example", with: ["203.0.113.2"])
        resolver.answer("other.example", with: ["198.51.100.2"])
        guard case .ports(let ports)? = await told.next() else { return #expect(Bool(false)) }
        #expect(ports.udp.map(\.description) == ["198.51.100.2:9000"])
        #expect(try await candidates(plane).map(\.description) == ["198.51.100.2:9000"])
        #expect(await plane.status(of: first.session) == .joining)
        await plane.stop()
    }

    /// New players go where the name leads; the log hears of it, and of a name that leads nowhere.
    @Test func aServerThatMovesIsFollowed() async throws {
        let resolver = TestResolver(["game.example": ["203.0.113.1"]])
        var settings = settings(udp: Loopback.ipv4, advertised: [], sessionLimit: 10)
        let target = ServerTarget(host: "game.example", port: 9, mayBePrivate: true)
        // The answer tells where a session's server is by how large a datagram may be.
        var route = Route(name: "world", profile: .datagrams, server: try target.address(by: resolver.function))
        route.servers[0].linkMTU = 1420
        route.path.linkMTU = 1420
        settings.gateway.routes["world"] = route
        settings.servers = ["world": [target]]
        settings.lookUp = resolver.function
        settings.lookUpInterval = 1
        let (changes, change) = AsyncStream.makeStream(of: AddressChange.self)
        let plane = try await DataPlane.start(settings, addressChange: { change.yield($0) }, report: { _ in })
        var told = changes.makeAsyncIterator()
        #expect(try await datagramLimit(plane) == 1420 - 28)
        resolver.answer("game.example", with: ["fd00::9"])
        #expect(await told.next() == .server(.init(name: "world"), TransportAddress(ipv6: 0xFD00 << 48, 9, port: 9)))
        #expect(try await datagramLimit(plane) == 1420 - 48)
        resolver.answer("game.example", with: nil)
        #expect(await told.next() == .unresolved(.hostUnknown("game.example", cause: "no answer")))
        await plane.stop()
    }

    /// As in `serve`: without a seed no session can be impaired, whatever is asked.
    @Test func onlyADataPlaneWithASeedImpairs() async throws {
        let bad = try #require(Impairment(lossPercent: 50, delay: 1000))
        try await withPlane { plane in
            let id = try await plane.join(request()).session
            #expect(await plane.impair(id, by: bad) == nil)
            #expect(await plane.impairment(of: id) == nil)
        }
        var settings = settings(udp: Loopback.ipv4, advertised: [], sessionLimit: 10)
        settings.impairmentSeed = 1
        let plane = try await DataPlane.start(settings) { _ in }
        let id = try await plane.join(request()).session
        #expect(await plane.impairment(of: id) == nil)
        #expect(await plane.impair(id, by: bad)?.impairment == bad)
        #expect(await plane.impairment(of: id)?.impairment == bad)
        await plane.stop()
        #expect(await plane.impair(id, by: bad) == nil)
    }

    @Test func everyAddressAdvertisesThoseOfTheHost() async throws {
        try await withPlane(udp: TransportAddress(ipv4: 0, port: 0)) { plane in
            #expect(plane.advertised.udp == HostAddresses.reachable(through: plane.udp))
            #expect(plane.advertised.udp.contains(Loopback.ipv4.with(port: plane.udp.port)))
        }
    }

    @Test func aSecondOneOnThePortIsRefusedWithASentence() async throws {
        let taken = try UDPSocket(boundTo: Loopback.ipv4)
        let address = try taken.address
        let error = await #expect(throws: NetworkError.self) {
            try await DataPlane.start(settings(udp: address, advertised: [], sessionLimit: 1)) { _ in }
        }
        #expect(error?.description == "UDP \(address) is in use by another program; stop it or choose another port.")
    }

    @Test func stoppingWithNothingRunningReturnsAndFreesThePort() async throws {
        let plane = try await start()
        #expect(!plane.mayBeAsked)
        await plane.stop()
        #expect(!plane.mayBeAsked)
        let again = try UDPSocket(boundTo: plane.udp)
        #expect(again.localAddress == plane.udp)
    }

    @Test func afterStopEveryRequestIsAnsweredAsStopping() async throws {
        let plane = try await start()
        let id = try await plane.join(request()).session
        await plane.stop()
        await #expect(throws: JoinRefusal.stopping) { try await plane.join(request()) }
        let leaving = await plane.leave(id)
        #expect(leaving == .sessionUnknown)
        // A page whose channels closed asks only then.
        let status = await plane.status(of: id)
        #expect(status == .ended(.gatewayStopping))
        #expect(plane.mayBeAsked)
        let snapshot = await plane.snapshot()
        #expect(snapshot.service == .stopping)
        await plane.stop()
    }

    @Test func stoppingEndsWhoIsJoiningAndTellsWhy() async throws {
        let ends = Mutex<[String]>([])
        let plane = try await start { event in
            if case .ended(let reason, _, _) = event.kind { ends.withLock { $0.append(reason.label) } }
        }
        for _ in 0..<5 { _ = try await plane.join(request()) }
        // Several may wait for the end.
        async let first: Void = plane.stop()
        async let second: Void = plane.stop()
        _ = await (first, second)
        #expect(ends.withLock { $0 } == Array(repeating: "gateway-stopping", count: 5))
    }

    @Test func manyRequestsFromManyTasks() async throws {
        let request = try request()
        try await withPlane(sessionLimit: 300) { plane in
            let sessions = try await withThrowingTaskGroup(of: [SessionID].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var mine: [SessionID] = []
                        for _ in 0..<50 {
                            do throws(JoinRefusal) {
                                mine.append(try await plane.join(request).session)
                            } catch {
                                #expect(error == .full)
                            }
                            _ = await plane.snapshot()
                        }
                        return mine
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(Set(sessions).count == 300)
            var snapshot = await plane.snapshot()
            #expect(snapshot.isFull)
            #expect(snapshot.sessionCount == 300)

            let ended = await withTaskGroup(of: Bool.self) { group in
                for id in sessions {
                    group.addTask {
                        let leaving = await plane.leave(id)
                        let status = await plane.status(of: id)
                        return leaving == .done && status?.reason == .playerLeft
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(ended == 300)
            snapshot = await plane.snapshot()
            #expect(!snapshot.isFull)
        }
    }

    @Test func strangersDatagramsAreCountedOnTheSharedPort() async throws {
        try await withPlane { plane in
            let stranger = try UDPSocket(connectedTo: plane.udp)
            let oversize = [UInt8](repeating: 0, count: DatagramBatch.datagramSize + 1)
            let dtls: [UInt8] = [22, 254, 253] + Array(repeating: 0, count: 20)
            #expect(DatagramBatch().send([[], [255], dtls, oversize], to: nil, on: stranger) == .init())
            var drops = DropCounters()
            // The worker reads in its own time.
            while drops.total < 4 {
                drops = await plane.snapshot().drops
                await Task.yield()
            }
            let reasons = Set(drops.nonZero.map(\.reason))
            #expect(reasons == [.datagramEmpty, .datagramFirstByteUnknown, .datagramFromStranger, .datagramTruncated])
        }
    }

    // MARK: - Support

    private func addresses(in answer: String) throws -> [TransportAddress] {
        try DataChannelDescription(answer: SessionDescription(parsing: Array(answer.utf8))).candidates.map(\.address)
    }

    /// What an answer names now.
    private func candidates(_ plane: DataPlane) async throws -> [TransportAddress] {
        try addresses(in: try await plane.join(request()).sdp)
    }

    /// The answer's max-message-size.
    private func datagramLimit(_ plane: DataPlane) async throws -> Int? {
        let answer = try await plane.join(request()).sdp
        return try DataChannelDescription(answer: SessionDescription(parsing: Array(answer.utf8))).maxMessageSize
    }

    private func settings(udp: TransportAddress, advertised: [TransportAddress], sessionLimit: Int) -> DataPlaneSettings
    {
        let server = TransportAddress(ipv4: 0x7F00_0001, port: 9)
        var gateway = GatewayConfiguration(
            routes: [Route(name: "world", profile: .channels, server: server)], advertised: [])
        gateway.sessionLimit = sessionLimit
        return DataPlaneSettings(udp: udp, advertised: AdvertisedAddresses(advertised), gateway: gateway)
    }

    private func start(
        udp: TransportAddress = Loopback.ipv4, advertised: [TransportAddress] = [], sessionLimit: Int = 10,
        report: @escaping @Sendable (SessionEvent) -> Void = { _ in }
    ) async throws -> DataPlane {
        try await DataPlane.start(
            settings(udp: udp, advertised: advertised, sessionLimit: sessionLimit), report: report)
    }

    /// Only one runs at a time in a process, so it must be gone when the test is over.
    private func withPlane(
        udp: TransportAddress = Loopback.ipv4, advertised: [TransportAddress] = [], sessionLimit: Int = 10,
        _ body: (DataPlane) async throws -> Void
    ) async throws {
        let plane = try await start(udp: udp, advertised: advertised, sessionLimit: sessionLimit)
        do {
            try await body(plane)
        } catch {
            await plane.stop()
            throw error
        }
        await plane.stop()
    }
}

/// Chromium asks to join `world`.
private func request() throws -> JoinRequest {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let text = Array(try Data(contentsOf: root.appending(path: "Fixtures/sdp/chromium-data.sdp")))
    let offer = try DataChannelDescription(offer: SessionDescription(parsing: text))
    return JoinRequest(route: "world", peerID: nil, offer: offer)
}
