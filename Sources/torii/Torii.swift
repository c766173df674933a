import ArgumentParser

/// The command: `torii serve` for operators, with `check` and `config` for its settings and `health` for what watches over
/// it; `torii demo` for a first look.
@main
struct Torii: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "torii",
        abstract: "Lets web players join native ENet game servers: WebRTC data channels in, ENet out.",
        version: version,
        subcommands: [
            ServeCommand.self, DemoCommand.self, CheckCommand.self, ConfigCommand.self, HealthCommand.self,
        ])
}
