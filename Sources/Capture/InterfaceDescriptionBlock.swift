import Primitives

/// Where packets come from (§4.2). They name it by its place among these blocks.
struct InterfaceDescriptionBlock {
    // From §4.2 and the list of link types: packets begin with an IPv4 or an IPv6 header.
    private static let rawIP: UInt16 = 101
    private static let name: UInt16 = 2
    private static let description: UInt16 = 3
    private static let timestampResolution: UInt16 = 9
    /// Powers of ten of a second, negated.
    private static let nanoseconds: UInt8 = 9
    /// Packets are never cut.
    private static let noSnapLength: UInt32 = 0

    let name: String
    let description: String

    func append(to bytes: inout [UInt8]) {
        var block = Block(kind: .interfaceDescription)
        block.body.append(bigEndian: Self.rawIP)
        block.body.append(bigEndian: UInt16(0))
        block.body.append(bigEndian: Self.noSnapLength)
        var options = BlockOptions()
        options.append(Self.name, name)
        options.append(Self.description, description)
        options.append(Self.timestampResolution, [Self.nanoseconds])
        block.body += options.closed
        block.append(to: &bytes)
    }
}
