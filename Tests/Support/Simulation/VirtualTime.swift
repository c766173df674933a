import Primitives
import SimulatedClock

/// What libssl and usrsctp take for the time of day on the calling thread.
public enum VirtualTime {
    /// Any date will do: nobody checks a certificate's validity.
    private static let start: Int64 = 1_700_000_000_000_000

    public static func set(_ now: Instant) {
        torii_set_virtual_time(start + Int64(now.nanoseconds / 1000))
    }

    /// Gives the calling thread the real time back.
    public static func clear() {
        torii_set_virtual_time(0)
    }
}
