#if !FUZZING
    import FuzzTargets
    import Glibc

    /// Without a fuzzer: runs a target on files, and prints which breaks what.
    @main enum Replay {
        static func main() {
            let arguments = CommandLine.arguments.dropFirst()
            guard let target = arguments.first.flatMap(FuzzTarget.init(rawValue:)), arguments.count > 1 else {
                print("usage: Fuzz \(FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")) FILE …")
                exit(2)
            }
            var failures = 0
            for path in arguments.dropFirst() where !replay(path, target) { failures += 1 }
            exit(failures == 0 ? 0 : 1)
        }

        private static func replay(_ path: String, _ target: FuzzTarget) -> Bool {
            guard let bytes = contents(of: path) else {
                print("\(path): cannot be read")
                return false
            }
            // A trap ends the program: say before what it was about.
            print("\(path): \(bytes.count) bytes")
            guard let breach = target.breach(by: bytes) else { return true }
            print("\(path): \(breach)")
            return false
        }

        private static func contents(of path: String) -> [UInt8]? {
            guard let file = fopen(path, "rb") else { return nil }
            defer { fclose(file) }
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
            return bytes
        }
    }
#endif
