import Configuration
import Glibc
import JOSE
import Logging
import Signaling
import Synchronization
import TLS

/// Who may join, as the settings have it now, and the keys that were fetched for that.
final class Entrance: Sendable {
    private struct Fetched {
        let from: PublishedKeys
        let keys: RemoteKeySet
    }

    let admission: AdmissionInUse
    private let logger: Logger
    private let fetched = Mutex<Fetched?>(nil)

    init(_ settings: GatewaySettings, logger: Logger) {
        self.logger = logger
        admission = AdmissionInUse(.open)
        take(settings)
    }

    /// Joins from now on are asked by these settings. Keys that are published at the same place are kept.
    func take(_ settings: GatewaySettings) {
        admission.now = Admission(authority(settings), origins: settings.allowedOrigins)
    }

    private func authority(_ settings: GatewaySettings) -> Admission.Authority {
        let tokens = settings.tokens
        let remote = remoteKeys(tokens.published, settings.keysTrust)
        if let service = settings.admissionService, let trust = settings.admissionTrust {
            return .service(
                AdmissionService(
                    at: ServiceAddress(service.url), trust: trust, timeout: service.timeout
                ) { [logger] sentence in logger.warning("\(sentence)") })
        }
        guard tokens.areNeeded else { return .everyone }
        return .tokens(TokenAuthority(keys: tokens.keys, remote: remote, rules: tokens.rules))
    }

    private func remoteKeys(_ published: PublishedKeys?, _ trust: TLSContext?) -> RemoteKeySet? {
        fetched.withLock { fetched in
            guard let published, let trust else {
                fetched = nil
                return nil
            }
            if let known = fetched, known.from == published { return known.keys }
            let keys = RemoteKeySet(
                at: ServiceAddress(published.url), trust: trust, interval: UInt64(published.interval)
            ) { [logger] sentence in logger.warning("\(sentence)") }
            fetched = Fetched(from: published, keys: keys)
            // So that the first player does not wait for them, and that what is wrong is known at once.
            Task { await keys.keys(at: UInt64(max(time(nil), 0))) }
            return keys
        }
    }
}

extension ServiceAddress {
    init(_ url: ServiceURL) {
        self.init(isSecure: url.isSecure, host: url.place.host, port: url.place.port, target: url.target)
    }
}
