import Primitives

/// Keeps what is sent on one stream below what Godot's page can hold between two frames.
///
/// The page drains a 64 KiB buffer once per rendered frame, each message taking five bytes more than its own; what does
/// not fit is lost, even on a reliable channel. Time is cut in slots as long as a frame at 60 Hz; any such span touches
/// two slots at most, and two neighbouring slots together never exceed the buffer.
struct BrowserPacer: Sendable {
    // From godot modules/webrtc/webrtc_data_channel_js.cpp
    private static let bufferSize = 65_536
    private static let messageOverhead = 5
    // Our choice: a frame at 60 Hz takes 16.7 ms.
    private static let slotLength: Milliseconds = 17

    private var slotStart = Instant.zero
    private var sentInSlot = 0
    private var sentInSlotBefore = 0

    /// Whether a message of `count` bytes may go now. Call `note` when it did.
    mutating func allows(_ count: Int, at now: Instant) -> Bool {
        moveSlots(to: now)
        return sentInSlotBefore + sentInSlot + count + Self.messageOverhead <= Self.bufferSize
    }

    mutating func note(_ count: Int) {
        sentInSlot += count + Self.messageOverhead
    }

    /// When more may be allowed than now.
    var nextSlot: Instant { slotStart + Self.slotLength }

    private mutating func moveSlots(to now: Instant) {
        let elapsed = now.since(slotStart).nanoseconds / Self.slotLength.nanoseconds
        guard elapsed > 0 else { return }
        sentInSlotBefore = elapsed == 1 ? sentInSlot : 0
        sentInSlot = 0
        slotStart = Instant(nanoseconds: slotStart.nanoseconds + elapsed * Self.slotLength.nanoseconds)
    }
}
