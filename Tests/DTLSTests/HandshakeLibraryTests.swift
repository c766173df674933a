import COpenSSL
import SimulationSupport
import Testing

@testable import DTLS

@Suite struct HandshakeLibraryTests {
    /// Debian's OpenSSL has no provider set up but its default one.
    private static func library() throws -> OpaquePointer { try #require(HandshakeLibrary.shared) }

    /// What takes long is to go through all that there are.
    @Test func itHasFewDecodersAndKeyTypes() throws {
        var (decoders, keyTypes) = (0, 0)
        OSSL_DECODER_do_all_provided(
            try Self.library(), { _, count in count?.assumingMemoryBound(to: Int.self).pointee += 1 }, &decoders)
        EVP_KEYMGMT_do_all_provided(
            try Self.library(), { _, count in count?.assumingMemoryBound(to: Int.self).pointee += 1 }, &keyTypes)
        #expect((1...8).contains(decoders), "\(decoders) decoders")
        #expect((1...6).contains(keyTypes), "\(keyTypes) key types")
    }

    /// Browsers make certificates with P-256 or, where a page asks for it, RSA keys.
    @Test(arguments: [TestCertificate.Key.p256, .p384, .rsa2048]) func itReadsCertificates(key: TestCertificate.Key)
        throws
    {
        let bytes = try TestCertificate("browser", key: key).der
        var certificate = X509_new_ex(try Self.library(), nil)
        defer { X509_free(certificate) }
        bytes.withUnsafeBufferPointer { bytes in
            var next = bytes.baseAddress
            _ = d2i_X509(&certificate, &next, bytes.count)
        }
        #expect(X509_get0_pubkey(certificate) != nil)
    }

    /// What a handshake asks for besides.
    @Test func itHasTheRestOfTheDefaultProvider() throws {
        let library = try Self.library()
        for name in ["SHA2-256", "SHA2-384", "SHA2-512"] { EVP_MD_free(try #require(EVP_MD_fetch(library, name, nil))) }
        for name in ["AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305"] {
            EVP_CIPHER_free(try #require(EVP_CIPHER_fetch(library, name, nil)))
        }
        EVP_KDF_free(try #require(EVP_KDF_fetch(library, "TLS1-PRF", nil)))
    }
}
