/// Records under the handshake's keys that came before the handshake was done: datagrams overtake each other.
///
/// Application data waits here, and never passes OpenSSL, so that none of it can be taken twice. What else is protected
/// OpenSSL gets as it comes, and here is a copy to note its number by.
struct EarlyRecords {
    private var records: [[UInt8]] = []

    // Our choice: a peer's first words, and no more than a stranger with the peer's address may fill.
    static let limit = 8
    static let longest = 2048

    /// What finds no room is lost, as on a network.
    mutating func append(_ record: DTLSRecord) {
        guard records.count < Self.limit, record.bytes.count <= Self.longest else { return }
        records.append(Array(record.bytes))
    }

    /// The oldest.
    mutating func take() -> [UInt8]? {
        records.isEmpty ? nil : records.removeFirst()
    }

    mutating func removeAll() {
        records = []
    }
}
