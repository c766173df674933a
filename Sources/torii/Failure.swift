import ArgumentParser
import Configuration
import DTLS
import DataPlane
import DemoWorld
import ENet
import Glibc
import Signaling

/// Why the command could not do what it was asked: a sentence, or several, and an exit status of sysexits.h.
struct Failure: Error {
    let sentences: [String]
    let status: Int32

    private static let badUsage: Int32 = 64
    private static let noHost: Int32 = 68
    private static let unavailable: Int32 = 69
    private static let noPermission: Int32 = 77

    static func usage(_ sentence: String) -> Failure {
        Failure(sentence: sentence, status: badUsage)
    }

    static func usage(_ sentences: [String]) -> Failure {
        Failure(sentences: sentences, status: badUsage)
    }

    private init(sentences: [String], status: Int32) {
        self.sentences = sentences
        self.status = status
    }

    init(sentence: String, status: Int32) {
        self.init(sentences: [sentence], status: status)
    }

    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as ConfigurationError: self = .usage(error.description)
        case let error as ConfigurationFaults: self = .usage(error.sentences)
        case let error as NetworkError: self.init(sentence: error.description, status: Self.status(of: error))
        case let error as SignalingStartError: self.init(sentence: error.description, status: Self.status(of: error))
        case let error as MetricsStartError:
            self.init(sentence: error.description, status: Self.status(of: error.cause))
        case let error as AdminStartError:
            self.init(sentence: error.description, status: Self.status(of: error.cause))
        case let error as StaticSiteError: self.init(sentence: error.description, status: Self.unavailable)
        case let error as SocketLayerError: self.init(sentence: error.description, status: Self.unavailable)
        case let error as DTLSSetupError: self.init(sentence: error.description, status: Self.unavailable)
        case let error as DemoError: self.init(sentence: error.description, status: Self.unavailable)
        default: self.init(sentence: "\(error)", status: 1)
        }
    }

    /// The same with where the cause was written.
    func at(_ place: String) -> Failure {
        Failure(sentences: sentences.map { "\(place): \($0)" }, status: status)
    }

    /// Says the sentences on standard error, a line each, and ends the command with the status.
    ///
    /// - Parameter prefix: what lines begin with.
    func report(prefix: String = "torii: ") -> ExitCode {
        for sentence in sentences { StandardError.write("\(prefix)\(sentence)") }
        return ExitCode(status)
    }

    private static func status(of error: NetworkError) -> Int32 {
        switch error {
        case .hostUnknown: noHost
        case .permissionDenied, .interfaceNotPermitted: noPermission
        case .serverNotAllowed: badUsage
        case .addressInUse, .addressNotOfThisHost, .sourceNotOfThisHost, .interfaceUnknown, .tooFewDescriptors,
            .refused:
            unavailable
        }
    }

    private static func status(of error: SignalingStartError) -> Int32 {
        switch error {
        case .hostUnknown: noHost
        case .permissionDenied: noPermission
        case .addressInUse, .notOfThisHost, .failed: unavailable
        }
    }
}

/// Where a command says what is wrong.
enum StandardError {
    static func write(_ line: String) {
        _ = "\(line)\n".withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) }
    }
}
