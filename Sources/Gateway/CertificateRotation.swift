import DTLS
import Primitives

/// The certificate that new answers name, and when another takes its place.
///
/// Each session keeps the one its answer named (RFC 8842 §4: another would mean another DTLS association), and the old
/// context is gone with the last of them. It is renewed at a join, the only moment at which it matters which it is.
struct CertificateRotation {
    typealias Make = () throws(DTLSSetupError) -> DTLSContext

    private(set) var context: DTLSContext
    private let make: Make
    private var due: Instant

    // Our choice.
    /// Until it is tried once more, where OpenSSL could not make one; the old one goes on until then.
    static let retry: Milliseconds = .seconds(3600)

    /// - Parameters:
    ///   - made: when `context` was made.
    ///   - make: makes a key, which takes about a millisecond.
    init(_ context: DTLSContext, made: Instant, lifetime: Milliseconds, make: @escaping Make) {
        self.context = context
        self.make = make
        due = made + lifetime
    }

    /// Makes the next one if it is time.
    mutating func renew(at now: Instant, lifetime: Milliseconds) {
        guard due <= now else { return }
        do throws(DTLSSetupError) {
            context = try make()
            due = now + lifetime
        } catch {
            due = now + Self.retry
        }
    }
}
