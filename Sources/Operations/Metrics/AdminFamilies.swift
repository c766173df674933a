/// The admin page.
enum AdminFamilies {
    static let all = [wrongTokens]

    private static let wrongTokens = MetricFamily(
        .counter, "torii_admin_wrong_tokens_total",
        "Requests to the admin page that came with a wrong token; more than a few are somebody's guesses.")

    static func add(_ wrong: UInt64, to page: inout Exposition) {
        page.add(wrongTokens) { $0.add([], wrong) }
    }
}
