import Primitives
import STUN

/// The first byte chooses whether the rest is a message as it stands, or attributes that get a sound header.
func fuzzSTUN(_ bytes: UnsafeRawBufferPointer) throws(Breach) {
    var script = ScriptReader(bytes)
    let isWhole = script.byte() & 1 == 0
    let message = isWhole ? script.remainder() : withHeader(type: script.uint16(), script.remainder())
    try readAndRebuild(message)
    // What the length says must be there, so no proper prefix of a message is one.
    guard parses(message) else { return }
    for count in stride(from: 0, to: message.count, by: 7) {
        try demand(!parses(Array(message.prefix(count))), "the first \(count) bytes of a message are a message")
    }
}

/// A STUN header for `attributes`, cut to what its length can say.
func withHeader(type: UInt16, _ attributes: [UInt8]) -> [UInt8] {
    let attributes = attributes.prefix(attributes.count & ~3)
    var message: [UInt8] = []
    message.append(bigEndian: type)
    message.append(bigEndian: UInt16(truncatingIfNeeded: attributes.count))
    message.append(bigEndian: UInt32(0x2112_A442))
    return message + Array("transactions".utf8) + attributes
}

private func parses(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { (try? STUNMessage(parsing: $0)) != nil }
}

private let key = Array("VOkJxbRl1RmTxUk/WvJxBt".utf8)

private func readAndRebuild(_ bytes: [UInt8]) throws(Breach) {
    let result = bytes.withUnsafeBytes { buffer in
        Result { () throws(Breach) in
            let message: STUNMessage
            do throws(DropReason) {
                message = try STUNMessage(parsing: buffer)
            } catch {
                return try demand(error == .stunMalformed, "a message is refused as \(error)")
            }
            try checkForm(message)
            try rebuild(message)
        }
    }
    try result.get()
}

private func checkForm(_ message: STUNMessage) throws(Breach) {
    try demand(message.bytes.count <= STUNMessage.maximumLength, "a message is too long")
    try demand(message.hasFingerprint || !message.verifyFingerprint(), "a missing FINGERPRINT is right")
    try demand(message.hasIntegrity || !message.verifyIntegrity(key: key), "a missing MESSAGE-INTEGRITY is right")
    try demand(!message.verifyIntegrity(key: []), "an empty key verifies")
    if let username = message.username {
        let halves = (username.receiverUfrag?.count ?? 0) + (username.senderUfrag?.count ?? 0)
        try demand(halves <= username.bytes.count, "a username's halves are longer than the whole")
        try demand(username.bytes.count <= 508, "a username is too long")
    }
}

/// Writes what was read, signed, and reads it again.
private func rebuild(_ message: STUNMessage) throws(Breach) {
    var builder = STUNMessageBuilder(message.class, message.method, transactionID: message.transactionID)
    let receiver = message.username?.receiverUfrag.map(Array.init)
    let sender = message.username?.senderUfrag.map(Array.init)
    if let receiver, let sender { builder.append(usernameFor: receiver, from: sender) }
    if let priority = message.priority { builder.append(priority: priority) }
    if message.useCandidate { builder.appendUseCandidate() }
    if let role = message.role { builder.append(role: role) }
    if let address = message.xorMappedAddress { builder.append(xorMappedAddress: address) }
    if let errorCode = message.errorCode { builder.append(errorCode: errorCode) }
    if let unknown = message.unknownAttributes { builder.append(unknownAttributes: unknown) }
    for index in 0..<message.notUnderstood.count {
        builder.append(message.notUnderstood[index], value: [UInt8](repeating: 0xA5, count: index))
    }
    let bytes = builder.finish(integrityKey: key)
    let result = bytes.withUnsafeBytes { buffer in
        Result { () throws(Breach) in
            guard let again = try? STUNMessage(parsing: buffer) else {
                throw Breach(description: "a message that was built does not parse")
            }
            try compare(again, message, receiver, sender)
        }
    }
    try result.get()
    try demandTamperingShows(bytes)
}

private func compare(
    _ again: STUNMessage, _ message: STUNMessage, _ receiver: [UInt8]?, _ sender: [UInt8]?
) throws(Breach) {
    try demand(again.verifyFingerprint(), "FINGERPRINT does not verify")
    try demand(again.verifyIntegrity(key: key), "MESSAGE-INTEGRITY does not verify")
    try demand(!again.verifyIntegrity(key: key + [0x21]), "MESSAGE-INTEGRITY verifies with another key")
    let isSame =
        again.class == message.class && again.method == message.method
        && again.transactionID == message.transactionID && again.priority == message.priority
        && again.useCandidate == message.useCandidate && again.role == message.role
        && again.xorMappedAddress == message.xorMappedAddress && again.errorCode == message.errorCode
        && again.unknownAttributes == message.unknownAttributes && again.notUnderstood == message.notUnderstood
    try demand(isSame, "a message that was built reads differently")
    try demand(
        again.username?.receiverUfrag.map(Array.init) == receiver
            && again.username?.senderUfrag.map(Array.init) == sender, "a username changed")
}

/// One flipped bit in what MESSAGE-INTEGRITY covers, or in itself, and it does not verify.
private func demandTamperingShows(_ bytes: [UInt8]) throws(Breach) {
    // The eight bytes of FINGERPRINT at the end are not covered, and the attribute headers before them are form.
    let covered = bytes.count - 8
    for position in [4 + bytes.count % 16, covered - 1, covered / 2] {
        var tampered = bytes
        tampered[position] ^= 1 << UInt8(position % 8)
        let verifies = tampered.withUnsafeBytes {
            (try? STUNMessage(parsing: $0))?.verifyIntegrity(key: key) ?? false
        }
        try demand(!verifies, "a flipped bit at \(position) goes unseen")
    }
}
