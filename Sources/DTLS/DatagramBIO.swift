import COpenSSL

/// The BIO through which OpenSSL reads one datagram, or one record of it, at a time and writes whole datagrams.
///
/// A memory BIO would glue the records of a flight together; DTLS needs datagram boundaries kept.
enum DatagramBIO {
    /// Made once for the process, as OpenSSL wants its method tables.
    private nonisolated(unsafe) static let method: OpaquePointer? = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "torii datagram") else {
            return nil
        }
        BIO_meth_set_read(method) { bio, target, capacity in
            guard let connection = owner(of: bio), let target else { return -1 }
            torii_BIO_clear_retry_flags(bio)
            let count = connection.takeDatagram(
                into: UnsafeMutableRawBufferPointer(start: target, count: Int(capacity)))
            if count == 0 {
                torii_BIO_set_retry_read(bio)
                return -1
            }
            return Int32(count)
        }
        BIO_meth_set_write(method) { bio, source, count in
            guard let connection = owner(of: bio), let source else { return -1 }
            connection.append(UnsafeRawBufferPointer(start: source, count: Int(count)))
            return count
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in
            // The datagram layer has nothing to flush, no overhead of its own (the link MTU given is already that of
            // the UDP payload) and no timeouts to set: all other questions are answered with "not supported".
            command == BIO_CTRL_FLUSH ? 1 : 0
        }
        return method
    }()

    static func make(owner: DTLSConnection) -> OpaquePointer? {
        guard let method, let bio = BIO_new(method) else { return nil }
        BIO_set_data(bio, Unmanaged.passUnretained(owner).toOpaque())
        BIO_set_init(bio, 1)
        return bio
    }

    private static func owner(of bio: OpaquePointer?) -> DTLSConnection? {
        guard let data = BIO_get_data(bio) else { return nil }
        return Unmanaged<DTLSConnection>.fromOpaque(data).takeUnretainedValue()
    }
}
