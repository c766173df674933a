import Gateway
import Primitives

// How much may cross in a second, of one address and altogether.
extension Settings {
    mutating func readRates(_ faults: inout FaultCollector) {
        for (setting, path) in [
            (.addressToServer, \.source.toServer), (.addressToBrowser, \.source.toBrowser),
            (.gatewayToServer, \.gateway.toServer), (.gatewayToBrowser, \.gateway.toBrowser),
        ] as [(Setting, WritableKeyPath<OverallRates, RateLimit>)] {
            guard let written = one(setting) else { continue }
            if let limit = RateLimit(written: written.text) {
                rates[keyPath: path] = limit
            } else {
                faults.add(
                    "\(written.origin.place(of: setting)) \(AsWritten(written.text)): use messages and bytes a second, like 2000,1000000, or one of them, like 2000, or ,1000000.",
                    line: written.origin.line)
            }
        }
    }
}

extension RateLimit {
    /// `MESSAGES,BYTES`, either of which may be left out.
    init?(written text: some StringProtocol) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.map { Int($0) }
        let isSound = zip(parts, numbers).allSatisfy { part, number in
            part.isEmpty
                || part.utf8.allSatisfy { (0x30...0x39).contains($0) } && number.map(TokenBucket.rates.contains) == true
        }
        guard parts.count == 2, isSound, text != "," else { return nil }
        self.init(messages: numbers[0], bytes: numbers[1])
    }
}
