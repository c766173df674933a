import Gateway
import JOSE

// The one place where what somebody may do becomes a part of the join.
extension JoinRequest {
    /// The request as the grant has it. What the grant says and the page leaves out is the grant's; what both say must be
    /// the same.
    func granted(by grant: Grant) throws(AdmissionRefusal) -> JoinRequest {
        if let routes = grant.routes, !routes.contains(where: { $0.isSame(as: route) }) { throw .routeNotAllowed }
        var request = JoinRequest(
            route: route, peerID: try Self.agreed(peerID, grant.peerID, .peerID),
            connectData: try Self.agreed(connectData, grant.connectData, .connectData), offer: offer, source: source,
            wish: try granted(wish, by: grant))
        request.rates = grant.rates
        return request
    }

    /// Whoever makes tokens may name any of the route's servers.
    private func granted(_ wish: ServerWish, by grant: Grant) throws(AdmissionRefusal) -> ServerWish {
        var wish = wish
        if let server = grant.server {
            guard wish.server.map({ $0.isSame(as: server) }) ?? true else { throw .serverNotAllowed(server) }
            wish.server = server
            wish.isGranted = true
        }
        wish.key = grant.balanceKey.map { BalanceKey(Array($0.utf8)) } ?? wish.key
        return wish
    }

    private static func agreed(
        _ wanted: UInt32?, _ granted: UInt32?, _ parameter: Parameter
    ) throws(AdmissionRefusal) -> UInt32? {
        guard let wanted, let granted, wanted != granted else { return wanted ?? granted }
        throw .parameterNotAllowed(parameter, granted)
    }
}
