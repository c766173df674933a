import Foundation
import Testing

/// Signaling/client is a package that Node and TypeScript take as it is.
@Suite struct PackageTests {
    @Test(.requires(.npm, .typescript)) func itsTypesSayWhatThereIs() async throws {
        try await withPackage { folder in
            let arguments = [
                "--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom,dom.iterable", "page.ts",
                // Its own library is the compiler's affair; the package's types are checked.
                "--skipDefaultLibCheck",
            ]
            // As bundlers look for types, and as Node does.
            for (module, resolution) in [("es2022", "node"), ("node16", "node16")] {
                let choice = ["--module", module, "--moduleResolution", resolution]
                try await run(.typescript, arguments + choice, in: folder)
            }
        }
    }

    /// What is not a browser can load it, too, such as a server that renders pages; it says there why it cannot join.
    @Test(.requires(.npm, .node)) func itsModuleLoadsWhereNoBrowserIs() async throws {
        try await withPackage { folder in
            let source = """
                import * as torii from "torii-client";
                const failure = await torii.join("http://127.0.0.1/join/x", { channels: { chat: {} } }).catch((error) => error);
                console.log(Object.keys(torii).sort().join(), failure instanceof torii.JoinError, failure.code);
                """
            let lines = try await run(.node, ["--input-type=module", "--eval", source], in: folder)
            #expect(lines == ["Channel,JoinError,join true unsupported"])
        }
    }

    @Test func everythingItNamesIsThere() throws {
        let manifest = try JSONDecoder().decode(
            JSONValue.self, from: Data(contentsOf: URL(filePath: Checkout.path("Signaling/client/package.json"))))
        let entry = manifest["exports"]["."]
        let named = [manifest["main"], manifest["types"], entry["types"], entry["default"]].map(\.string)
        #expect(named == ["./torii.js", "./torii.d.ts", "./torii.d.ts", "./torii.js"])
        #expect(manifest["files"] == .array([.string("torii.js"), .string("torii.d.ts")]))
        for name in ["torii.js", "torii.d.ts", "README.md"] {
            #expect(FileManager.default.fileExists(atPath: Checkout.path("Signaling/client/\(name)")))
        }
    }

    /// An empty folder in which the package is installed as `npm pack` makes it, and page.ts.
    private func withPackage(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "torii-package-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let client = Checkout.path("Signaling/client")
        let packed = try await run(.npm, ["pack", "--offline", "--silent", client], in: folder)
        let package = try #require(packed.last)
        try await run(.npm, ["install", "--offline", "--no-audit", "--no-fund", "./\(package)"], in: folder)
        let installed = try FileManager.default.contentsOfDirectory(
            atPath: folder.appending(path: "node_modules/torii-client").path(percentEncoded: false))
        #expect(Set(installed) == ["README.md", "package.json", "torii.d.ts", "torii.js"])
        let library = folder.appending(path: "node_modules/torii-client/torii.js").path(percentEncoded: false)
        #expect(FileManager.default.contentsEqual(atPath: library, andPath: "\(client)/torii.js"))
        // Of modules, so that TypeScript takes page.ts for one; npm has written the rest.
        let manifest = folder.appending(path: "package.json")
        let text = try String(contentsOf: manifest, encoding: .utf8)
        try text.replacing("{", with: #"{ "type": "module","#, maxReplacements: 1)
            .write(to: manifest, atomically: true, encoding: .utf8)
        try FileManager.default.copyItem(
            at: URL(filePath: Checkout.path("Tests/EndToEnd/Package/page.ts")), to: folder.appending(path: "page.ts"))
        try await body(folder)
    }

    @discardableResult
    private func run(_ program: Requirement, _ arguments: [String], in folder: URL) async throws -> [String] {
        let path = try program.path()
        let place = folder.path(percentEncoded: false)
        // npm keeps what it downloads and writes, and looks for settings, at home.
        let whole = ["--chdir=\(place)", "HOME=\(place)", "npm_config_cache=\(place)/.npm", path] + arguments
        return try await ChildProcess.running("env", whole) { process in
            let exit = try await process.exit(within: .seconds(60))
            let lines = process.output.entries + process.errors.entries
            #expect(exit == .code(0), "\(lines.joined(separator: "\n"))")
            return process.output.entries
        }
    }
}
