import ArgumentParser
import Configuration
import Glibc
import Signaling

/// The TURN servers that pages are told of.
struct RelayOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            A TURN or STUN server pages are told of, like turn:turn.example.org:3478?transport=udp; may be repeated. \
            (default: none)
            """, valueName: "url"))
    var turn: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            The file with the secret shared with the TURN servers, coturn's static-auth-secret; credentials for them \
            are made from it. (default: the environment variable TORII_TURN_SECRET)
            """, valueName: "file"))
    var turnSecretFile: String?

    @Option(
        help: ArgumentHelp(
            "How long a TURN credential can be used to begin a relay; longer than a player plays.",
            valueName: "seconds"))
    var turnTtl = 43_200

    private static let variable = "TORII_TURN_SECRET"

    func servers() throws -> ICEServers {
        let urls = try ICEServerURL.all(turn)
        guard (60...604_800).contains(turnTtl) else {
            throw Failure.usage("--turn-ttl \(turnTtl): use a number of seconds from 60 to 604800, which is a week.")
        }
        let relays = urls.filter(\.needsCredential).map(\.text)
        return ICEServers(
            stun: urls.filter { !$0.needsCredential }.map(\.text), turn: relays,
            secret: try secret(for: relays), lifetime: UInt64(turnTtl))
    }

    private func secret(for relays: [String]) throws -> [UInt8] {
        if let turnSecretFile {
            guard !relays.isEmpty else {
                throw Failure.usage(
                    "--turn-secret-file \(AsWritten(turnSecretFile)): no --turn uses it; name the server, like --turn turn:turn.example.org."
                )
            }
            return try SharedSecret(file: turnSecretFile, option: "--turn-secret-file").bytes
        }
        guard let first = relays.first else { return [] }
        guard let variable = getenv(Self.variable) else {
            throw Failure.usage(
                "--turn \(first): there is no secret to make credentials from; give --turn-secret-file or set \(Self.variable)."
            )
        }
        return try SharedSecret(Array(String(cString: variable).utf8), place: Self.variable).bytes
    }
}
