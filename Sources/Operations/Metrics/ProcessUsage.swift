import Glibc

/// What this process uses, as the kernel tells in /proc (proc(5)). What cannot be read is 0.
public struct ProcessUsage: Equatable, Sendable {
    public var processorSeconds: Double = 0
    public var residentBytes: UInt64 = 0
    public var virtualBytes: UInt64 = 0
    public var openDescriptors = 0
    public var descriptorLimit: UInt64 = 0
    /// Seconds since 1970.
    public var startTime: Double = 0

    public init() {}

    public static var now: ProcessUsage {
        var usage = ProcessUsage()
        usage.readStatus()
        usage.openDescriptors = entries(of: "/proc/self/fd")
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            usage.descriptorLimit = UInt64(limit.rlim_cur)
        }
        return usage
    }

    private mutating func readStatus() {
        guard let fields = Self.statusFields(Self.text("/proc/self/stat")), fields.count > 21 else { return }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        // Fields 14, 15, 22, 23 and 24 of the file; here the third is the first.
        processorSeconds = Double((UInt64(fields[11]) ?? 0) + (UInt64(fields[12]) ?? 0)) / ticks
        virtualBytes = UInt64(fields[20]) ?? 0
        residentBytes = (UInt64(fields[21]) ?? 0) * UInt64(sysconf(Int32(_SC_PAGESIZE)))
        let boot = Self.text("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
        startTime = (boot.flatMap { Double($0.dropFirst(6)) } ?? 0) + (Double(fields[19]) ?? 0) / ticks
    }

    /// The fields behind the program's name, which may have spaces and brackets of its own.
    static func statusFields(_ text: String) -> [Substring]? {
        text.lastIndex(of: ")").map { text[text.index(after: $0)...].split(whereSeparator: \.isWhitespace) }
    }

    private static func text(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    /// Without the two that every folder has, and without the one that is open for looking.
    private static func entries(of folder: String) -> Int {
        guard let stream = opendir(folder) else { return 0 }
        defer { closedir(stream) }
        var count = 0
        while readdir(stream) != nil { count += 1 }
        return max(count - 3, 0)
    }
}
