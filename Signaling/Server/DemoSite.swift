import Foundation

extension StaticSite {
    /// The demo page, which is built into the package as a resource.
    ///
    /// - Parameter hosts: addresses of this host as they stand in URLs, `192.0.2.7` or `[2001:db8::7]`, best first. The
    ///   page offers them to other devices.
    public static func demo(hosts: [String]) throws(StaticSiteError) -> StaticSite {
        let list = hosts.map(StatusDocument.quoted).joined(separator: ",")
        return try StaticSite(
            directory: Bundle.module.bundlePath + "/demo", adding: ["hosts.json": Array("[\(list)]".utf8)])
    }
}
