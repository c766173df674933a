/// The options of one route as written, each once and none unknown. What an option's value means is in the
/// `RouteOptions+….swift` that reads it.
struct RouteOptions {
    /// The route's name, for sentences.
    let route: String
    private var values: [RouteOption: Substring] = [:]

    /// - Parameter text: what follows the `?`.
    init(parsing text: Substring, route: String) throws(ConfigurationError) {
        self.route = route
        for option in text.split(separator: "&") {
            let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = RouteOption(rawValue: String(pair[0].prefix(64))) else {
                let names = RouteOption.allCases.map(\.rawValue).joined(separator: ", ")
                throw ConfigurationError(
                    "--route \(route): there is no option \(AsWritten(pair[0])); the options are: \(names).")
            }
            guard values[key] == nil else {
                throw ConfigurationError("--route \(route): \(key.rawValue) is given twice; give it once.")
            }
            values[key] = pair.count == 2 ? pair[1] : ""
        }
    }

    /// What was written for an option; nil when it was not.
    subscript(option: RouteOption) -> Substring? { values[option] }

    /// One of a few words.
    func choice<Choice>(
        _ option: RouteOption, _: Choice.Type = Choice.self
    ) throws(ConfigurationError) -> Choice? where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = self[option] else { return nil }
        guard let choice = Choice(rawValue: String(text.prefix(64))) else {
            let names = Choice.allCases.map(\.rawValue)
            throw ConfigurationError(
                "--route \(route): \(option.rawValue) must be \(names.joined(separator: " or ")); "
                    + "write it like ?\(option.rawValue)=\(names.first ?? "").")
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
                "--route \(route): \(option.rawValue) must be a number \(unit.map { "of \($0) " } ?? "")"
                    + "from \(range.lowerBound) to \(range.upperBound)."
            )
        }
        return number
    }
}
