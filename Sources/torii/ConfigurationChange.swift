import Configuration
import Gateway
import Logging
import TLS

/// What a reload changes.
struct ConfigurationChange {
    private let settings: [Setting]
    /// Those whose files hold something else.
    private let contents: [Setting]
    /// The certificate of https, if it is another one.
    private let certificate: ServedCertificate?
    private let added: [String]
    private let removed: [String]
    private let changed: [String]
    /// Why it cannot be without a restart; nil when it can.
    let refusal: String?

    init(
        from old: (settings: Settings, resolved: GatewaySettings),
        to new: (settings: Settings, resolved: GatewaySettings)
    ) {
        let difference = SettingsDifference(from: old.settings, to: new.settings)
        settings = difference.settings
        contents = difference.contents
        let served = new.settings.tls?.certificate
        certificate = served == old.settings.tls?.certificate ? nil : served
        let (before, after) = (old.resolved.dataPlane.gateway.routes, new.resolved.dataPlane.gateway.routes)
        added = after.keys.filter { before[$0] == nil }.sorted()
        removed = before.keys.filter { after[$0] == nil }.sorted()
        changed = after.keys.filter { before[$0] != nil && before[$0] != after[$0] }.sorted()
        refusal = difference.waitingForRestart.first.map { first in
            let names = difference.waitingForRestart.map(\.rawValue).joined(separator: ", ")
            return
                "\(new.settings.place(of: first)): a running gateway cannot change \(names); restart it, or write what was there before."
        }
    }

    var isEmpty: Bool {
        settings.isEmpty && contents.isEmpty && added.isEmpty && removed.isEmpty && changed.isEmpty
    }

    var metadata: Logger.Metadata {
        let lists = [
            "settings": settings.map(\.rawValue), "files": contents.map(\.rawValue), "routes_added": added,
            "routes_removed": removed,
            "routes_changed": changed,
        ]
        var metadata: Logger.Metadata = lists.filter { !$0.value.isEmpty }.mapValues {
            "\($0.joined(separator: " "))"
        }
        if let certificate {
            metadata["certificate_sha256"] = "\(certificate.fingerprint)"
            metadata["certificate_expires"] = "\(certificate.expiry)"
        }
        return metadata
    }
}
