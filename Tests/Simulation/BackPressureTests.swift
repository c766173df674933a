import ENet
import Foundation
import Gateway
import Primitives
import SimulationSupport
import Testing

/// A side that does not keep up makes the other wait; memory stays where it is meanwhile.
@Suite(.onTheSCTPStack) struct BackPressureTests {
    /// Pages that take nothing, all flooded with both kinds: once every queue is full, nothing grows any more.
    @Test func slowPagesCostNoMore() throws {
        let world = try SimulatedWorld(seed: 1)
        world.watch()
        world.server.behaviour = .listens
        var browsers: [SimulatedBrowser] = []
        for number in 2...11 as ClosedRange<UInt32> {
            let browser = try world.makeBrowser()
            let session = try world.join(browser, peerID: number).session
            try #require(world.play([session]))
            browser.reads = false
            browsers.append(browser)
        }
        func flood(for seconds: Int) {
            for _ in 0..<seconds * 20 {
                for number in 2...11 as ClosedRange<UInt32> {
                    guard let player = world.server.player(number) else { continue }
                    world.server.send([UInt8](repeating: 1, count: 60_000), channel: 0, .reliable, to: player)
                    world.server.send([UInt8](repeating: 2, count: 1_000), channel: 1, .unreliableSequenced, to: player)
                }
                world.run(for: 50)
            }
        }
        // The first look makes the runtime load what it looks with.
        _ = try residentBytes()
        flood(for: 4)
        #expect(world.core.sessionCount == 10)
        let full = try residentBytes()
        flood(for: 4)
        #expect(world.core.sessionCount == 10)
        // Of 48 MB offered. Other tests of the process allocate meanwhile.
        #expect(try residentBytes() - full < 20_000_000)
        for browser in browsers { browser.reads = true }
        world.run(for: 2_000)
        #expect(browsers.allSatisfy { $0.received.count > 10 })
        for browser in browsers { browser.close() }
        world.run(for: 10_000) { $0.core.sessionCount == 0 }
        #expect(world.core.totals.drops[.messageStale] > 0)
    }

    /// A server behind a thread of a line, and a page that sends for ever: the page waits, then both hear why.
    @Test func aSlowServerStopsThePage() throws {
        let world = try SimulatedWorld(seed: 1)
        world.watch()
        let browser = try world.makeBrowser(channels: [.init(0, label: "0")])
        let session = try world.join(browser, route: "plain").session
        try #require(world.play([session]))
        var link = LinkConditions(delay: 10)
        link.rate = 4_000
        world.network.links[SimulatedWorld.serverAddress.host] = link
        let message = [UInt8](repeating: 1, count: 200_000)
        func flood(for seconds: Int) {
            for _ in 0..<seconds * 20 where world.core.sessionCount > 0 {
                if browser.unsentCount < 20 { browser.send(message, stream: 0) }
                world.run(for: 50)
            }
        }
        flood(for: 6)
        #expect(browser.unsentCount == 20)
        flood(for: 2)
        #expect(browser.unsentCount == 20)
        #expect(world.core.status(of: session) == .playing)
        flood(for: 20)
        world.run(for: 10_000) { $0.core.sessionCount == 0 }
        #expect(world.endReason(of: session) == .serverTooSlow)
        world.run(for: 1_000)
        #expect(browser.signs == [.aborted, .dtlsClosed])
    }

    /// A page that takes nothing hears why it ended, as soon as it listens again.
    @Test func aSlowPageIsTold() throws {
        let world = try SimulatedWorld(seed: 1)
        world.watch()
        let browser = try world.makeBrowser()
        let session = try world.join(browser, peerID: 42).session
        try #require(world.play([session]))
        let player = try #require(world.server.player(42))
        browser.reads = false
        let start = world.now
        while world.core.sessionCount > 0, world.now.since(start) < 60_000 {
            world.server.send(world.random.bytes(10_000), channel: 0, .reliable, to: player)
            world.run(for: 100)
        }
        #expect(world.endReason(of: session) == .browserTooSlow)
        world.run(for: 40_000) { !$0.server.disconnected.isEmpty }
        browser.reads = true
        world.run(for: 1_000)
        #expect(browser.signs.contains(.aborted))
        #expect(world.server.disconnected == [42: 1])
    }

    private func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return try #require(Int(fields[1])) * 4096
    }
}
