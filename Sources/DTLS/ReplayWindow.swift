/// Which records of an epoch have come already (RFC 6347 §4.1.2.6): the highest sequence number and the 63 below it.
struct ReplayWindow: Equatable {
    private var highest: UInt64 = 0
    /// Bit n: `highest - n` has come.
    private var seen: UInt64 = 0

    // From RFC 6347 §4.1.2.6, which asks for 32 and prefers 64.
    static let width: UInt64 = 64

    /// Whether a record of this number is new; one below the window may be, and is not taken.
    func admits(_ number: UInt64) -> Bool {
        guard number <= highest else { return true }
        let age = highest - number
        return age < Self.width && seen & 1 << age == 0
    }

    /// Notes a record that was authentic, and no other: anyone could move the window on otherwise.
    mutating func note(_ number: UInt64) {
        if number > highest {
            let step = number - highest
            seen = step < Self.width ? seen << step | 1 : 1
            highest = number
        } else if highest - number < Self.width {
            seen |= 1 << (highest - number)
        }
    }
}
