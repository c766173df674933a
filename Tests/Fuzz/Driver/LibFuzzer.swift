#if FUZZING
    import FuzzTargets
    import Glibc

    // libFuzzer brings `main` and calls these. One program holds all targets: TORII_FUZZ_TARGET in the environment names
    // the one to run, because libFuzzer starts itself anew with the same environment when it merges or minimises.

    private let target: FuzzTarget = {
        let name = getenv("TORII_FUZZ_TARGET").map { String(cString: $0) } ?? ""
        guard let target = FuzzTarget(rawValue: name) else {
            say("TORII_FUZZ_TARGET must be one of \(FuzzTarget.allCases.map(\.rawValue))")
            exit(2)
        }
        return target
    }()

    private func say(_ words: String) {
        let line = Array((words + "\n").utf8)
        write(STDERR_FILENO, line, line.count)
    }

    @_cdecl("LLVMFuzzerTestOneInput")
    public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
        do throws(Breach) {
            try target.run(UnsafeRawBufferPointer(start: start, count: count))
        } catch {
            // An optimised build keeps no words of a trap.
            say("\(target.rawValue): \(error)")
            abort()
        }
        return 0
    }
#endif
