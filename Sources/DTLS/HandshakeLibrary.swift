import CHandshakeLibrary

/// The algorithms that handshakes with browsers find in OpenSSL: its default provider's, but of key types only those that a
/// certificate or the key exchange may have. To find the one of a peer's certificate among all there are took a sixth of what
/// a join costs.
///
/// A game server's certificate may come with a chain of any kind, and its handshake is one of few: that has all.
enum HandshakeLibrary {
    /// Made once for the process. Nil, OpenSSL's own, where OpenSSL is set up for another provider.
    nonisolated(unsafe) static let shared: OpaquePointer? = torii_new_handshake_library()
}
