import Gateway
import Primitives

// How much may cross in a second.
extension RouteOptions {
    func rates() throws(ConfigurationError) -> RateLimits {
        var rates = RateLimits()
        rates.sessionToServer = try rate(.sessionToServer)
        rates.sessionToBrowser = try rate(.sessionToBrowser)
        rates.routeToServer = try rate(.routeToServer)
        rates.routeToBrowser = try rate(.routeToBrowser)
        return rates
    }

    /// `MESSAGES,BYTES`, either of which may be left out.
    private func rate(_ option: RouteOption) throws(ConfigurationError) -> RateLimit {
        guard let text = self[option] else { return RateLimit() }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.map { Int($0) }
        let isSound = zip(parts, numbers).allSatisfy { part, number in
            part.isEmpty
                || part.utf8.allSatisfy { (0x30...0x39).contains($0) } && number.map(TokenBucket.rates.contains) == true
        }
        guard parts.count == 2, isSound, text != "," else {
            throw ConfigurationError(
                "\(place(option)): \(option.rawValue) must be messages and bytes a second, like \(example(option, "200,65536")), or one of them, like 200, or ,65536."
            )
        }
        return RateLimit(messages: numbers[0], bytes: numbers[1])
    }
}
