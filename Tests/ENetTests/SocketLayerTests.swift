import CENet
import Testing

@testable import ENet

@Suite struct SocketLayerTests {
    @Test func isInstalledInThisProgram() throws {
        try SocketLayer.verifyIsInstalled()
    }

    @Test func aBypassedLayerIsRefusedWithCauseAndCure() {
        #expect(throws: SocketLayerError.bypassed) {
            try SocketLayer.verify(loaded: enet_linked_version(), on: nil)
        }
        let sentence = SocketLayerError.bypassed.description
        #expect(sentence.contains("-Bsymbolic-functions") && sentence.contains("libenet7"))
    }

    @Test func anotherVersionIsRefusedByName() {
        let wanted = SocketLayerError.versionMismatch(compiled: "1.3.\(ENET_VERSION_PATCH)", loaded: "1.4.2")
        #expect(throws: wanted) {
            try SocketLayer.verify(loaded: 1 << 16 | 4 << 8 | 2, on: HostPort(memoryLimit: 1 << 20))
        }
        #expect(wanted.description.contains("1.4.2"))
    }

    @Test func outsideACallThereIsNoSocket() {
        #expect(enet_socket_create(ENET_SOCKET_TYPE_DATAGRAM) == -1)
        #expect(enet_time_get() == 0)
    }
}
