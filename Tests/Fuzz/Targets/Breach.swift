/// An invariant that did not hold.
public struct Breach: Error, CustomStringConvertible {
    public let description: String
}

/// Demands that `condition` holds, and says in words what did not.
func demand(_ condition: Bool, _ sentence: @autoclosure () -> String) throws(Breach) {
    guard condition else { throw Breach(description: sentence()) }
}
