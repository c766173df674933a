import Primitives

/// What a file begins with (§4.1).
struct SectionHeaderBlock {
    // From §4.1
    private static let byteOrderMagic: UInt32 = 0x1A2B_3C4D
    private static let version: (major: UInt16, minor: UInt16) = (1, 0)
    /// How long the section is, is not known when it begins.
    private static let unknownLength = UInt64.max
    private static let application: UInt16 = 4

    /// The program that wrote it.
    let application: String
    let comment: String

    func append(to bytes: inout [UInt8]) {
        var block = Block(kind: .sectionHeader)
        block.body.append(bigEndian: Self.byteOrderMagic)
        block.body.append(bigEndian: Self.version.major)
        block.body.append(bigEndian: Self.version.minor)
        block.body.append(bigEndian: Self.unknownLength)
        var options = BlockOptions()
        options.append(comment: comment)
        options.append(Self.application, application)
        block.body += options.closed
        block.append(to: &bytes)
    }
}
