/// What every gateway hands out, built into the command: the client library at `/torii.js`, and the contract.
extension StaticSite {
    static let published = StaticSite(files: [
        "torii.js": PackageResources.torii_js, "openapi.yaml": PackageResources.openapi_yaml,
    ])
}
