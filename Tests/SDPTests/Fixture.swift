import Foundation
import Primitives
import SDP
import Testing

/// The bytes of `Fixtures/sdp/<name>.sdp`.
func fixture(_ name: String, file: String = #filePath) throws -> [UInt8] {
    let root = URL(fileURLWithPath: file)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return Array(try Data(contentsOf: root.appending(path: "Fixtures/sdp/\(name).sdp")))
}

func offer(_ text: [UInt8]) throws -> DataChannelDescription {
    try DataChannelDescription(offer: SessionDescription(parsing: text))
}

/// Chromium's data-only offer, its lines changed by `edit`, joined again with CR LF.
func chromiumOffer(_ edit: (inout [String]) -> Void) throws -> [UInt8] {
    var lines = String(decoding: try fixture("chromium-data"), as: UTF8.self).split(separator: "\r\n").map(String.init)
    edit(&lines)
    return Array(lines.map { $0 + "\r\n" }.joined().utf8)
}

/// What reading `text` as an offer throws; nil when it is read.
func refusal(of text: [UInt8]) -> SDPError? {
    do throws(SDPError) {
        _ = try DataChannelDescription(offer: SessionDescription(parsing: text))
        return nil
    } catch {
        return error
    }
}

extension [String] {
    mutating func replace(_ prefix: String, with line: String) {
        for index in indices where self[index].hasPrefix(prefix) {
            self[index] = line
        }
    }
}
