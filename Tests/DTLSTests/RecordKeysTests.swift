import COpenSSL
import Testing

@testable import DTLS

@Suite struct RecordKeysTests {
    /// From NIST's vectors for TLS 1.2's key derivation (SP 800-135, SHA-256): the block's beginning is the same however much
    /// of it a cipher takes.
    @Test(arguments: RecordCipher.allCases) func theBlockIsWhatNISTSays(cipher: RecordCipher) throws {
        let secret = Self.bytes(
            "202c88c00f84a17a20027079604787461176455539e705be730890602c289a5001e34eeb3a043e5d52a65e66125188bf")
        let block = Self.bytes(
            "d06139889fffac1e3a71865f504aa5d0d2a2e89506c6f2279b670c3e1b74f531016a2530c51a3a0f7e1d6590d0f0566b"
                + "2f387f8d11fd4f731cdd572d2eae927f6f2f81410b25e6960be68985add6c38445ad9f8c64bf8068")
        let keys = Self.keys(
            cipher, secret: secret,
            client: Self.bytes("62e1fd91f23f558a605f28478c58cf72637b89784d959df7e946d3f07bd1b616"),
            server: Self.bytes("ae6c806f8ad4d80784549dff28a4b58fd837681a51d928c3e30ee5ff14f39868"))
        guard let keys else { throw Missing() }
        // RFC 5246 §6.3: the client's key, the server's, the client's IV, the server's.
        let parts =
            Array(keys.key(of: .client)) + keys.key(of: .server) + keys.iv(of: .client) + keys.iv(of: .server)
        #expect(parts == Array(block.prefix(parts.count)))
        #expect(parts.count == [40, 72, 88][RecordCipher.allCases.firstIndex(of: cipher) ?? 0])
    }

    /// RFC 5288 §3 and RFC 7905 §2.
    @Test func ciphersHaveTheirLengths() {
        #expect(RecordCipher.allCases.map(\.keyLength) == [16, 32, 32])
        #expect(RecordCipher.allCases.map(\.ivLength) == [4, 4, 12])
        #expect(RecordCipher.allCases.map(\.expansion) == [24, 24, 16])
    }

    struct Missing: Error {}

    /// Keys of the test's own making.
    static func keys(
        _ cipher: RecordCipher, secret: [UInt8] = Array(repeating: 1, count: 48),
        client: [UInt8] = Array(repeating: 2, count: 32), server: [UInt8] = Array(repeating: 3, count: 32)
    ) -> RecordKeys? {
        guard let digest = EVP_sha256() else { return nil }
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: secret.count, alignment: 1)
        defer { bytes.deallocate() }
        bytes.copyBytes(from: secret)
        return RecordKeys(cipher, digest: digest, masterSecret: bytes, clientRandom: client, serverRandom: server)
    }

    private static func bytes(_ digits: String) -> [UInt8] {
        stride(from: 0, to: digits.count, by: 2).compactMap { at in
            let start = digits.index(digits.startIndex, offsetBy: at)
            return UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16)
        }
    }
}
