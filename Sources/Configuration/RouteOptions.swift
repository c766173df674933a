/// The options of one route as written. What an option's value means is in the `RouteOptions+….swift` that reads it.
struct RouteOptions {
    private let route: WrittenRoute

    init(_ route: WrittenRoute) {
        self.route = route
    }

    /// What was written for an option; nil when it was not.
    subscript(option: RouteOption) -> Substring? { route.options[option].map { $0.text[...] } }

    /// How a sentence about an option begins: where it was written, and the route.
    func place(_ option: RouteOption) -> String { route.place(of: option) }

    /// How a sentence about the route as a whole begins.
    var routePlace: String { route.place }

    /// An option as it would be written there.
    func example(_ option: RouteOption, _ value: String) -> String { route.example(option, value) }

    /// One of a few words.
    func choice<Choice>(
        _ option: RouteOption, _: Choice.Type = Choice.self
    ) throws(ConfigurationError) -> Choice? where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = self[option] else { return nil }
        guard let choice = Choice(rawValue: String(text.prefix(64))) else {
            let names = Choice.allCases.map(\.rawValue)
            throw ConfigurationError(
                "\(place(option)): \(option.rawValue) must be \(names.joined(separator: " or ")); "
                    + "write it like \(example(option, names.first ?? "")).")
        }
        return choice
    }

    /// A whole number in decimal digits.
    func number(
        _ option: RouteOption, in range: ClosedRange<Int>, _ unit: String? = nil
    ) throws(ConfigurationError) -> Int? {
        guard let text = self[option] else { return nil }
        guard let number = Int(text), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), range.contains(number)
        else {
            throw ConfigurationError(
                "\(place(option)): \(option.rawValue) must be a number \(unit.map { "of \($0) " } ?? "")"
                    + "from \(range.lowerBound) to \(range.upperBound)."
            )
        }
        return number
    }
}
