import ArgumentParser
import Configuration
import DataPlane
import Discovery

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say what is wrong with a file of settings, without running anything.",
        discussion: """
            Environment variables count as they do for serve. Names of hosts are looked up; one that is not known here is \
            told as a warning, as it may be known elsewhere.
            """)

    @Argument(help: ArgumentHelp("The file with the settings.", valueName: "file"))
    var file: String

    func run() throws {
        do {
            let sources = SettingsSources(
                path: file, environment: try WrittenSettings(environment: ProcessEnvironment.settings),
                flags: WrittenSettings())
            let settings = try sources.read()
            try settings.requireRoutes(in: file)
            let check = SettingsCheck(settings)
            for warning in check.warnings { StandardError.write(warning) }
            guard check.faults.isEmpty else { throw Failure.usage(check.faults) }
            print("\(file) is sound: \(settings.summary)")
        } catch {
            throw Failure(error).report(prefix: "")
        }
    }
}

/// What starting with these settings would find, as far as that can be known without opening a socket.
struct SettingsCheck {
    private(set) var faults: [String] = []
    private(set) var warnings: [String] = []

    init(_ settings: Settings) {
        for route in settings.routes {
            check(.usage, route.written.place) { _ = try route.verification() }
            for target in ServerTarget.all(of: route.definition) {
                check(target.isName ? .warning : .usage, route.written.place) { _ = try target.address() }
            }
        }
        for route in settings.routes {
            // Programs are not run.
            var found: RouteDiscovery?
            check(.usage, route.written.place) { found = try RouteDiscovery(route) }
            guard let discovery = found, !discovery.runsProgram else { continue }
            let search = ServerSearch(discovery) { try HostLookup.addresses(of: $0) }
            check(.warning, route.written.place) {
                do { _ = try search.run() } catch { throw Failure.usage("servers cannot be found: \(error).") }
            }
        }
        for (setting, hosts) in [
            (Setting.http, [settings.http]), (.udp, [settings.udp]), (.tcp, settings.tcp.map { [$0] } ?? []),
            (.metrics, settings.metrics.map { [$0] } ?? []), (.advertise, settings.advertised),
            (.advertiseTCP, settings.advertisedTCP),
        ] {
            for host in hosts {
                check(.warning, settings.place(of: setting)) { _ = try HostLookup.addresses(of: host.host) }
            }
        }
    }

    private enum Weight {
        case usage, warning
    }

    private mutating func check(_ weight: Weight, _ place: String, _ body: () throws -> Void) {
        do {
            try body()
        } catch let error as ConfigurationError {
            // It names its place itself.
            faults.append(error.description)
        } catch {
            let sentence = (error as? Failure)?.sentences.joined(separator: " ") ?? "\(error)"
            switch weight {
            case .usage: faults.append("\(place): \(sentence)")
            case .warning: warnings.append("\(place): warning: \(sentence)")
            }
        }
    }
}
