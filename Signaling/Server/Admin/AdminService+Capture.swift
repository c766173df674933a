import Gateway
import NIOHTTP1
import Primitives

// One session's packets as a file, while they come (Deploy/capture.md).
extension AdminService {
    func capture(_ name: String, _ parameters: AdminParameters) async -> HTTPResponse {
        let options: CaptureOptions
        do throws(CaptureOptionsFault) {
            options = try parameters.captureOptions
        } catch {
            return HTTPResponse(.badRequest, error.description)
        }
        switch identify(name) {
        case .refused(let response): return response
        case .one(let id):
            switch await control.capture(id, options) {
            case .success(let capture): return .file(of: id, capture)
            case .failure(.sessionUnknown): return Self.sessionUnknown
            case .failure(let refusal): return HTTPResponse(.conflict, refusal.sentence)
            }
        }
    }
}

extension AdminParameters {
    fileprivate var captureOptions: CaptureOptions {
        get throws(CaptureOptionsFault) {
            let payloads: CaptureOptions.Payloads = self[.payloads] == 1 ? .kept : .zeroed
            let duration = Milliseconds.seconds(UInt64(self[.seconds] ?? 60))
            guard let bytes = self[.bytes] else {
                return try CaptureOptions(payloads: payloads, duration: duration)
            }
            return try CaptureOptions(payloads: payloads, duration: duration, byteLimit: bytes)
        }
    }
}

extension HTTPResponse {
    fileprivate static func file(of id: SessionID, _ capture: AdminCapture) -> HTTPResponse {
        var response = HTTPResponse(
            .ok,
            headers: [
                "Content-Type": "application/x-pcapng", "Cache-Control": "no-store",
                "Content-Disposition": "attachment; filename=\"\(id.shortened).pcapng\"",
            ])
        response.pieces = HTTPPieces(next: capture.next)
        return response
    }
}
