import Gateway
import JOSE

// The one place where what somebody may do becomes a part of the join.
extension JoinRequest {
    /// The request as the grant has it. What the grant says and the page leaves out is the grant's; what both say must be
    /// the same.
    func granted(by grant: Grant) throws(AdmissionRefusal) -> JoinRequest {
        if let routes = grant.routes, !routes.contains(where: { $0.isSame(as: route) }) { throw .routeNotAllowed }
        // A route has one server, and none that could be chosen by a name.
        guard grant.server == nil else { throw .serverUnknown }
        var request = JoinRequest(
            route: route, peerID: try Self.agreed(peerID, grant.peerID, .peerID),
            connectData: try Self.agreed(connectData, grant.connectData, .connectData), offer: offer, source: source)
        request.rates = grant.rates
        return request
    }

    private static func agreed(
        _ wanted: UInt32?, _ granted: UInt32?, _ parameter: Parameter
    ) throws(AdmissionRefusal) -> UInt32? {
        guard let wanted, let granted, wanted != granted else { return wanted ?? granted }
        throw .parameterNotAllowed(parameter, granted)
    }
}
