#if FUZZING
    import FuzzTargets
    import Glibc

    // libFuzzer brings `main` and calls these. One program holds all targets: TORII_FUZZ_TARGET in the environment names
    // the one to run, because libFuzzer starts itself anew with the same environment when it merges or minimises.

    private let target: FuzzTarget = {
        let name = getenv("TORII_FUZZ_TARGET").map { String(cString: $0) } ?? ""
        guard let target = FuzzTarget(rawValue: name) else {
            preconditionFailure("TORII_FUZZ_TARGET must be one of \(FuzzTarget.allCases.map(\.rawValue))")
        }
        return target
    }()

    @_cdecl("LLVMFuzzerTestOneInput")
    public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
        do throws(Breach) {
            try target.run(UnsafeRawBufferPointer(start: start, count: count))
        } catch {
            preconditionFailure("\(target.rawValue): \(error)")
        }
        return 0
    }
#endif
