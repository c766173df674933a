import Capture
import Primitives

enum CaptureBenchmarks {
    static let all = [
        MicroBenchmark(name: "capture.packet", meaning: "a packet of 100 bytes given IP's header and written") {
            var recording = CaptureRecording(
                start: 0, comment: "", descriptions: { _ in "" }, byteLimit: .max, waitingLimit: 8 << 20)
            let endpoints = Endpoints(
                remote: STUNBenchmarks.browser, local: TransportAddress(ipv4: 0xC000_0201, port: 3478))
            return {
                counted {
                    let packet = InternetPacket.make(.sctp, message, .received, between: endpoints)
                    let outcome = recording.append(packet, on: .browser, .received, at: 1)
                    expect(outcome == .written, "The packet was not written.")
                }
            }
        }
    ]
}
