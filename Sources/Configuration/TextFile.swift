/// Files that people write.
enum TextFile {
    /// - Parameters:
    ///   - place: where it was named, as the error shall begin.
    ///   - longest: bytes that are read at most.
    static func read(_ path: String, place: String, longest: Int) throws(ConfigurationError) -> String {
        let bytes = try FileContents.read(path, place: place, what: "the settings", longest: longest)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationError("\(place) is not UTF-8; save it as that.")
        }
        return text
    }
}
