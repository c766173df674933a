import COpenSSL

/// Why a TLS connection came to nothing.
public enum TLSFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The other side speaks HTTP without TLS.
    case plainHTTP
    /// The server's certificate was not accepted, in OpenSSL's words.
    case certificateRefused(String)
    /// In OpenSSL's words.
    case failed(String)

    public var description: String {
        switch self {
        case .plainHTTP: "it speaks HTTP without TLS"
        case .certificateRefused(let words): "its certificate was refused: \(words)"
        case .failed(let words): "TLS failed: \(words)"
        }
    }
}

/// Certificates or keys that cannot be used: a sentence's end that says why.
public struct TLSSetupError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String
}

/// The calling thread's OpenSSL error queue.
enum OpenSSLErrors {
    /// The newest error's reason in words, the queue emptied.
    static func takeLast() -> String {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        return ERR_reason_error_string(code).map { String(cString: $0) } ?? "no reason given"
    }
}
