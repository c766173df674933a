import Gateway
import Primitives
import SimulationSupport
import Testing

@Suite(.onTheSCTPStack) struct EchoTests {
    @Test(arguments: ["godot", "plain"]) func messagesGoThereAndBack(route: String) throws {
        let world = try SimulatedWorld(seed: 1)
        let browser = try world.makeBrowser(
            channels: route == "godot" ? SimulatedBrowser.Channel.godot : [.init(0, label: "0")])
        let answer = try world.join(browser, route: route)
        try #require(world.play([answer.session]))
        let stream: UInt16 = route == "godot" ? 1 : 0
        let messages: [[UInt8]] = [[1, 2, 3], [], world.random.bytes(60_000), [4]]
        for message in messages { browser.send(message, stream: stream) }
        #expect(world.run(for: 3_000) { _ in browser.received.count == messages.count })
        #expect(browser.received.map(\.payload) == messages)
        browser.close()
        #expect(world.run(for: 3_000) { $0.core.sessionCount == 0 })
        #expect(world.endReason(of: answer.session) == .browserClosed)
        #expect(world.server.disconnected.values.reduce(0, +) == 1)
    }
}
