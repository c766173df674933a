import Bridge

extension RouteOptions {
    /// Who speaks UDP to a server speaks datagrams with the page, and nobody else does.
    func profile(of scheme: ServerScheme) throws(ConfigurationError) -> Profile {
        let written = try choice(.profile, Profile.self)
        switch scheme {
        case .enet, .enets:
            guard written != .datagrams else {
                throw ConfigurationError(
                    "\(place(.profile)): profile=datagrams needs a udp:// server; write udp://HOST:PORT.")
            }
            return written ?? .godot4
        case .udp:
            guard (written ?? .datagrams) == .datagrams else {
                throw ConfigurationError(
                    "\(place(.profile)): a udp:// server has profile=datagrams only; leave profile out, or write enet://."
                )
            }
            return .datagrams
        }
    }

    /// Channels asked for in ENet's CONNECT.
    func channelCount(for profile: Profile) throws(ConfigurationError) -> Int? {
        try check(.channels, for: profile)
        return try number(.channels, in: 1...255, "ENet channels")
    }

    /// The data word of ENet's CONNECT.
    func connectData(for profile: Profile) throws(ConfigurationError) -> UInt32? {
        try check(.connectData, for: profile)
        return try number(.connectData, in: 0...Int(UInt32.max)).map { UInt32($0) }
    }

    private func check(_ option: RouteOption, for profile: Profile) throws(ConfigurationError) {
        guard self[option] == nil || profile == .channels else {
            throw ConfigurationError(
                "\(place(option)): \(option.rawValue) is for profile=channels only; leave one of them out, or write both."
            )
        }
    }
}
