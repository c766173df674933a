import Primitives
import SCTP
import SDP

/// The bytes are a description, or a fragment of one.
func fuzzSDP(_ bytes: UnsafeRawBufferPointer) throws(Breach) {
    let text = Array(bytes)
    readFragment(text)
    guard let description = try? SessionDescription(parsing: text) else { return }
    try checkBounds(description, text)
    if let string = String(validating: text, as: UTF8.self) {
        try demand((try? SessionDescription(parsing: string)) == description, "text and its bytes read differently")
    }
    if let answer = try? DataChannelDescription(answer: description) {
        try demand(answer.setup != .actpass, "an answer may not be actpass")
    }
    guard let offer = try? DataChannelDescription(offer: description) else { return }
    try checkOffer(offer)
    for preferred in [DTLSSetup.active, .passive] {
        try answer(offer, offer.setup.answer(preferring: preferred))
    }
}

private func readFragment(_ text: [UInt8]) {
    guard let fragment = try? ICEFragment(parsing: text) else { return }
    // Making credentials of these anew traps if they break the rules.
    _ = ICECredentials(ufrag: fragment.credentials.ufrag, password: fragment.credentials.password)
}

private func checkBounds(_ description: SessionDescription, _ text: [UInt8]) throws(Breach) {
    try demand(text.count <= SessionDescription.maximumLength, "a description is too long")
    try demand(description.media.count <= SessionDescription.maximumMediaSections, "too many media sections")
    let sections = [description.session] + description.media.map(\.section)
    let lines = sections.reduce(description.media.count) { $0 + $1.lines.count + $1.attributes.count }
    try demand(lines <= SessionDescription.maximumLines, "too many lines")
    let values = sections.flatMap { $0.lines.map(\.value) + $0.attributes.map(\.value) }
    try demand(
        values.allSatisfy { !$0.utf8.contains { $0 == 13 || $0 == 10 || $0 == 0 } }, "a value has a line's end in it")
}

private func checkOffer(_ offer: DataChannelDescription) throws(Breach) {
    try demand(offer.media.indices.contains(offer.dataIndex), "the data section is none of the offer's")
    try demand(!offer.fingerprints.isEmpty, "an offer without a fingerprint is usable")
    try demand(
        offer.fingerprints.allSatisfy { $0.bytes.count == $0.algorithm.length },
        "a fingerprint's length is not its hash's")
    if let bytes = offer.sctpInit, let chunk = InitChunk(parsing: bytes) {
        try demand(InitChunk(parsing: chunk.serialized()) == chunk, "an INIT written from one reads differently")
    }
    try demand(offer.sctpPort > 0 && offer.maxMessageSize > 0, "a port or a size is zero")
}

/// Answers, and reads the answer as the page would.
private func answer(_ offer: DataChannelDescription, _ setup: DTLSSetup) throws(Breach) {
    let addresses = [
        TransportAddress(ipv4: 0xC000_0201, port: 3478), TransportAddress(ipv6: 0x2001_0DB8 << 32, 7, port: 9),
    ]
    let answer = DataChannelAnswer(
        to: offer, credentials: ICECredentials(ufrag: "torii123", password: "abcdefghijklmnopqrstuv"),
        fingerprint: DTLSFingerprint(.sha256, Array(0..<32)), setup: setup,
        candidates: addresses.map {
            IceCandidate(
                foundation: "1", transport: .udp, priority: IceCandidate.hostPriority(localPreference: 65535),
                address: $0)
        }, sctpPort: 5001, sctpInit: offer.sctpInit)
    let text = answer.serialized(sessionID: .max)
    let read: DataChannelDescription
    do throws(SDPError) {
        read = try DataChannelDescription(answer: SessionDescription(parsing: text))
    } catch {
        throw Breach(description: "our answer is refused, \(error.description), in:\n\(text)")
    }
    let isSame =
        read.credentials == answer.credentials && read.fingerprints == [answer.fingerprint]
        && read.setup == setup && read.sctpPort == answer.sctpPort && read.maxMessageSize == answer.maxMessageSize
        && read.candidates == answer.candidates && read.isICELite && read.sctpInit == offer.sctpInit
        && read.isBundled == (offer.isBundled && offer.mid != nil)
    try demand(isSame, "our answer reads differently:\n\(text)")
    // RFC 3264 §6: as many sections as the offer, in its order, with its kinds.
    try demand(
        read.dataIndex == offer.dataIndex && read.media.map(\.kind) == offer.media.map(\.kind)
            && read.media.map(\.mid) == offer.media.map(\.mid)
            && read.media.map(\.transport) == offer.media.map(\.transport), "the answer's sections are not the offer's")
    try demand(
        read.media.indices.allSatisfy { $0 == read.dataIndex || read.media[$0].port == 0 },
        "a section other than the data channels' is not refused")
}
