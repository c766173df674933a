/// The admin page, built into the command, and what its API is.
extension StaticSite {
    static let admin = StaticSite(files: [
        "index.html": PackageResources.admin_html, "admin.css": PackageResources.admin_css,
        "admin.js": PackageResources.admin_js, "api.js": PackageResources.api_js,
        "plots.js": PackageResources.plots_js, "sessions.js": PackageResources.sessions_js,
        "icon.svg": PackageResources.icon_svg, "openapi.yaml": PackageResources.admin_api_yaml,
    ])
}
