import DataPlane
import Gateway
import Impairment
import Signaling

/// The wishes of the demo's pages for a worse network, handed to the data plane.
struct PlaneImpairment: ImpairmentControl {
    let plane: DataPlane

    func impair(_ id: SessionID, by impairment: Impairment) async -> ImpairmentReport? {
        await plane.impair(id, by: impairment)
    }

    func impairment(of id: SessionID) async -> ImpairmentReport? {
        await plane.impairment(of: id)
    }
}
