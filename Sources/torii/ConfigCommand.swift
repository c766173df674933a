import ArgumentParser
import Configuration

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Print the settings that serve would run with, and where each is from.",
        discussion: "What is printed can be used as a file of settings, but for secrets, which are not shown.")

    @OptionGroup var options: ServeOptions

    func run() throws {
        do {
            print(SettingsListing(try options.sources().read()), terminator: "")
        } catch {
            throw Failure(error).report()
        }
    }
}
