import COpenSSL

/// OpenSSL could not do what we asked of it at start: a machine or build at fault, never the network.
public struct DTLSSetupError: Error, CustomStringConvertible {
    /// What was being done, such as "make a P-256 key".
    public let step: String
    /// OpenSSL's own words for the cause.
    public let cause: String

    init(_ step: String) {
        self.step = step
        cause = OpenSSLErrors.takeLast() ?? "no reason given"
    }

    public var description: String {
        "OpenSSL could not \(step): \(cause). Check that libssl is the version Torii was built with."
    }
}

/// The calling thread's OpenSSL error queue.
enum OpenSSLErrors {
    /// Empties the queue, which OpenSSL asks for before each call whose `SSL_get_error` is to tell something. Mostly it is
    /// empty, and looking costs a fifth of emptying.
    static func clear() {
        if ERR_peek_error() != 0 { ERR_clear_error() }
    }

    /// The newest error in words, the queue emptied; nil when there was none.
    static func takeLast() -> String? {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0 else { return nil }
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(code, &text, text.count)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
