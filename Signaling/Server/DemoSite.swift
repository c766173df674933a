import Foundation

extension StaticSite {
    /// The demo page, which is built into the package as a resource.
    public static func demo() throws(StaticSiteError) -> StaticSite {
        try StaticSite(directory: Bundle.module.bundlePath + "/demo")
    }
}
