import ENet
import Gateway
import Primitives

// How datagrams get to the server.
extension RouteOptions {
    func path() throws(ConfigurationError) -> ServerPath {
        var path = ServerPath()
        path.source = try source()
        path.interface = try interface()
        path.codePoint = try codePoint()
        path.sendBuffer = try number(.sendBuffer, in: 4096...(1 << 30), "bytes")
        path.receiveBuffer = try number(.receiveBuffer, in: 4096...(1 << 30), "bytes")
        path.linkMTU = try number(.linkMTU, in: DatagramBudget.smallestLinkMTU...65_535, "bytes")
        return path
    }

    /// Whether the server's name may stand for a private address.
    func mayBePrivate() throws(ConfigurationError) -> Bool {
        guard let text = self[.private] else { return false }
        guard text == "allowed" else {
            throw ConfigurationError(
                "\(place(.private)): private has one value; write \(example(.private, "allowed")) or leave it out.")
        }
        return true
    }

    private func source() throws(ConfigurationError) -> TransportAddress? {
        guard let text = self[.source] else { return nil }
        guard let source = TransportAddress(literal: text, port: 0), source.reach != .nobody else {
            throw ConfigurationError(
                "\(place(.source)): source must be an address of this host, like \(example(.source, "192.0.2.1")), not \(AsWritten(text))."
            )
        }
        return source
    }

    /// The kernel's names have 15 bytes, none of them a slash or a space (dev_valid_name in net/core/dev.c).
    private func interface() throws(ConfigurationError) -> String? {
        guard let text = self[.interface] else { return nil }
        guard (1...15).contains(text.utf8.count), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2F }) else {
            throw ConfigurationError(
                "\(place(.interface)): interface must be the name of a network interface, like \(example(.interface, "wg0"))."
            )
        }
        return String(text)
    }

    private func codePoint() throws(ConfigurationError) -> UInt8? {
        guard let text = self[.dscp] else { return nil }
        guard let codePoint = CodePoint.parse(text) else {
            throw ConfigurationError(
                "\(place(.dscp)): dscp must be a number from 0 to 63 or a name like EF, AF41 or CS5.")
        }
        return codePoint
    }
}

/// Differentiated services code points by name.
enum CodePoint {
    static func parse(_ text: Substring) -> UInt8? {
        if let number = UInt8(text), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return number < 64 ? number : nil
        }
        let digits = text.utf8.suffix(2).map { $0 &- 0x30 }
        switch (text.prefix(2).uppercased(), text.utf8.count) {
        // RFC 3246 §2.7.
        case ("EF", 2): return 46
        // RFC 2474 §4.2.2.
        case ("CS", 3): return digits.last.flatMap { $0 < 8 ? $0 << 3 : nil }
        // RFC 2597 §6: four classes, three drop precedences.
        case ("AF", 4):
            guard let rank = digits.first, let drop = digits.last, (1...4).contains(rank), (1...3).contains(drop) else {
                return nil
            }
            return rank << 3 | drop << 1
        default: return nil
        }
    }
}
