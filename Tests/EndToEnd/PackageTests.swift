import Foundation
import Testing

/// Signaling/client is a package that Node and TypeScript take as it is.
@Suite struct PackageTests {
    @Test(.requires(.typescript)) func itsTypesSayWhatThereIs() async throws {
        try await withPackage { folder in
            let arguments = [
                "--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom,dom.iterable", "page.ts",
            ]
            // As bundlers look for types, and as Node does.
            for (module, resolution) in [("es2022", "node"), ("node16", "node16")] {
                let choice = ["--module", module, "--moduleResolution", resolution]
                try await run(.typescript, arguments + choice, in: folder)
            }
        }
    }

    /// What is not a browser can load it, too, such as a server that renders pages; it says there why it cannot join.
    @Test(.requires(.node)) func itsModuleLoadsWhereNoBrowserIs() async throws {
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

    /// A folder with page.ts, in which the package is installed as its manifest's `files` say.
    private func withPackage(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "torii-package-\(UUID().uuidString)")
        let package = folder.appending(path: "node_modules/torii-client")
        try FileManager.default.createDirectory(at: package, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["torii.js", "torii.d.ts", "package.json"] {
            try FileManager.default.copyItem(
                at: URL(filePath: Checkout.path("Signaling/client/\(name)")), to: package.appending(path: name))
        }
        try FileManager.default.copyItem(
            at: URL(filePath: Checkout.path("Tests/EndToEnd/Package/page.ts")), to: folder.appending(path: "page.ts"))
        try #"{ "type": "module" }"#.write(
            to: folder.appending(path: "package.json"), atomically: true, encoding: .utf8)
        try await body(folder)
    }

    @discardableResult
    private func run(_ program: Requirement, _ arguments: [String], in folder: URL) async throws -> [String] {
        let path = try program.path()
        let whole = ["--chdir=\(folder.path(percentEncoded: false))", path] + arguments
        return try await ChildProcess.running("env", whole) { process in
            let exit = try await process.exit(within: .seconds(60))
            let lines = process.output.entries + process.errors.entries
            #expect(exit == .code(0), "\(lines.joined(separator: "\n"))")
            return process.output.entries
        }
    }
}
