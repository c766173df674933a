import STUN

/// Error responses to requests whose sender has not shown that it knows the password (RFC 8489 §9.1.3).
///
/// Deviates from RFC 8489 §9.1.3 in one case: where the response would be longer than the request, none is sent. The
/// source address may be forged, and a gateway must not be worth reflecting off.
public enum UnauthenticatedResponse {
    /// The response's bytes; empty when it would amplify.
    public static func to(_ request: STUNMessage, error: STUNErrorCode) -> [UInt8] {
        let response = STUNMessageBuilder.bindingError(request.transactionID, error, integrityKey: nil)
        return response.count <= request.bytes.count ? response : []
    }
}
