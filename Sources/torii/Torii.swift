import ArgumentParser

/// The command: `torii serve` for operators, `torii demo` for a first look.
@main
struct Torii: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "torii",
        abstract: "Lets web players join native ENet game servers: WebRTC data channels in, ENet out.",
        subcommands: [ServeCommand.self, DemoCommand.self])
}
