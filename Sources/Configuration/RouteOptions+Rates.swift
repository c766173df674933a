import Gateway

// How much may cross in a second.
extension RouteOptions {
    func rates() throws(ConfigurationError) -> RateLimits {
        var rates = RateLimits()
        rates.session.toServer = try rate(.sessionToServer)
        rates.session.toBrowser = try rate(.sessionToBrowser)
        rates.route.toServer = try rate(.routeToServer)
        rates.route.toBrowser = try rate(.routeToBrowser)
        return rates
    }

    private func rate(_ option: RouteOption) throws(ConfigurationError) -> RateLimit {
        guard let text = self[option] else { return RateLimit() }
        guard let limit = RateLimit(written: text) else {
            throw ConfigurationError(
                "\(place(option)): \(option.rawValue) must be messages and bytes a second, like \(example(option, "200,65536")), or one of them, like 200, or ,65536."
            )
        }
        return limit
    }
}
