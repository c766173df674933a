import Bridge
import DTLS
import SCTP
import SDP
import WebRTC

// What a join makes of its offer: the answer, and what the peer connection is told.
extension GatewayCore {
    func makeAnswer(
        _ offer: DataChannelDescription, _ credentials: ICECredentials, _ port: UInt16, _ setup: DTLSSetup,
        _ localInit: InitChunk?
    ) -> DataChannelAnswer {
        DataChannelAnswer(
            to: offer, credentials: credentials,
            fingerprint: DTLSFingerprint(.sha256, certificates.context.certificate.fingerprint.bytes),
            setup: setup, candidates: candidates, sctpPort: port, sctpInit: localInit?.serialized())
    }

    func parameters(
        _ offer: DataChannelDescription, _ credentials: ICECredentials, _ port: UInt16, setup: DTLSSetup,
        _ profile: Profile, _ remoteInit: InitChunk?
    ) -> PeerParameters {
        PeerParameters(
            localUfrag: credentials.ufrag, localPassword: credentials.password,
            fingerprints: offer.fingerprints.compactMap { fingerprint in
                HashAlgorithm(rawValue: fingerprint.algorithm.rawValue).map {
                    CertificateFingerprint(algorithm: $0, bytes: fingerprint.bytes)
                }
            },
            role: setup == .active ? .client : .server, localPort: port, remotePort: offer.sctpPort,
            remoteMaximumMessageSize: offer.maxMessageSize,
            localMaximumMessageSize: DataChannelAnswer.defaultMaxMessageSize, streamCount: profile.streamCount,
            remoteInit: remoteInit)
    }
}
