import SimulationSupport
import TLS

enum TLSBenchmarks {
    static let all = [
        MicroBenchmark(name: "tls.request", meaning: "a request of 100 bytes opened, and as much sealed in return") {
            let certificate = try TestCertificate("torii", names: ["DNS:torii.example"])
            let server = try TLSConnection.server(.server(certificates: certificate.pem, key: certificate.keyPEM))
            let client = try TLSConnection.client(.unverifiedClient(), host: "torii.example", isAddress: false)
            for _ in 0..<4 {
                _ = try client.read()
                client.takeOutgoing().withUnsafeBytes { server.receive($0) }
                _ = try server.read()
                server.takeOutgoing().withUnsafeBytes { client.receive($0) }
            }
            return {
                try message.withUnsafeBytes { try client.write($0) }
                let request = client.takeOutgoing()
                var answer: [UInt8] = []
                counted {
                    request.withUnsafeBytes { server.receive($0) }
                    guard case .bytes(let bytes)? = try? server.read() else {
                        preconditionFailure("The request was not opened.")
                    }
                    bytes.withUnsafeBytes { try? server.write($0) }
                    answer = server.takeOutgoing()
                }
                answer.withUnsafeBytes { client.receive($0) }
                expect(try client.read() == .bytes(message), "The answer was not opened.")
            }
        }
    ]
}
