/// The process, by the names that Prometheus' own clients use.
enum ProcessFamilies {
    static let all = [cpu, resident, virtual, open, openLimit, start]

    private static let cpu = MetricFamily(
        .counter, "process_cpu_seconds_total", "Processor time used, in user and kernel mode together.")
    private static let resident = MetricFamily(
        .gauge, "process_resident_memory_bytes", "Memory that is in use and not swapped out.")
    private static let virtual = MetricFamily(.gauge, "process_virtual_memory_bytes", "Address space in use.")
    private static let open = MetricFamily(.gauge, "process_open_fds", "Open file descriptors.")
    private static let openLimit = MetricFamily(
        .gauge, "process_max_fds", "File descriptors that may be open at once.")
    private static let start = MetricFamily(
        .gauge, "process_start_time_seconds", "When the process started, in seconds since 1970.")

    static func add(_ process: ProcessUsage, to page: inout Exposition) {
        page.add(cpu) { $0.add([], exactly: process.processorSeconds) }
        page.add(resident, process.residentBytes)
        page.add(virtual, process.virtualBytes)
        page.add(open, process.openDescriptors)
        page.add(openLimit, process.descriptorLimit)
        page.add(start) { $0.add([], exactly: process.startTime) }
    }
}
