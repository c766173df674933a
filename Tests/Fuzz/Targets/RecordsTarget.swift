#if DEBUG
    import COpenSSL
    import Primitives

    @testable import DTLS

    /// A connection after its handshake, and a peer of whom everything that can happen to datagrams happens to.
    ///
    /// The first byte sets the stage; what follows is a script.
    func fuzzRecords(_ bytes: UnsafeRawBufferPointer) throws(Breach) {
        var script = ScriptReader(bytes)
        let play = try RecordsPlay(stage: script.byte())
        var steps = 0
        while !script.isAtEnd, steps < RecordsPlay.stepLimit {
            steps += 1
            try play.step(&script)
        }
        try play.finish()
    }

    final class RecordsPlay {
        static let stepLimit = 200
        /// Whatever came before, one that is no older than that is new.
        private static let window = 60

        private let ours: DTLSConnection
        private let peer: DTLSConnection
        /// What the peer sealed, in order.
        private var sealed: [[UInt8]] = []
        /// The data in it that has not come, and where it is.
        private var awaited: [[UInt8]: Int] = [:]
        private var count: UInt32 = 0
        /// Whether the peer has sealed something that may end the connection.
        private var mayEnd = false
        /// The highest sequence number and the last explicit nonce that ours have had.
        private var lastNumber: (number: UInt64, nonce: UInt64)?
        private let hasExplicitNonces: Bool

        private static let suites = [
            "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305",
        ]
        private nonisolated(unsafe) static let server = try? DTLSContext(certificate: Certificate())
        private nonisolated(unsafe) static let clients = suites.compactMap { suite -> DTLSContext? in
            guard let context = try? DTLSContext(certificate: Certificate()),
                SSL_CTX_set_cipher_list(context.context, suite) == 1
            else { return nil }
            return context
        }

        init(stage: UInt8) throws(Breach) {
            let suite = Int(stage >> 2) % Self.suites.count
            guard let server = Self.server, Self.clients.count == Self.suites.count,
                let one = try? DTLSConnection(
                    context: Self.clients[suite], role: .client, fingerprints: [server.certificate.fingerprint]),
                let other = try? DTLSConnection(
                    context: server, role: .server, fingerprints: [Self.clients[suite].certificate.fingerprint])
            else { throw Breach(description: "there is no connection") }
            (ours, peer) = stage & 1 == 0 ? (one, other) : (other, one)
            // What OpenSSL seals and opens is data alone.
            peer.takesOver = stage & 2 == 0
            hasExplicitNonces = suite < 2
            one.start(at: .zero)
            while !one.outgoing.isEmpty {
                for datagram in take(from: one) { _ = datagram.withUnsafeBytes { other.receive($0, at: .zero) } }
                for datagram in take(from: other) { _ = datagram.withUnsafeBytes { one.receive($0, at: .zero) } }
            }
            try demand(ours.state == .established && peer.state == .established, "the handshake is not done")
            try demand((ours.ssl == nil) == (stage & 1 == 0), "OpenSSL has gone at the wrong time")
        }

        func step(_ script: inout ScriptReader) throws(Breach) {
            switch script.byte() % 10 {
            case 0, 1: peerSends(script.bytes(Int(script.byte() & 63)))
            case 2: try deliver(some(&script))
            case 3: try deliver(flipped(&script))
            case 4: try deliver(Array(some(&script).prefix(Int(script.byte()))))
            case 5: try deliver(some(&script) + flipped(&script) + some(&script))
            case 6: try deliver(script.string())
            case 7: try deliver(header(&script) + script.string())
            case 8: peerSeals(&script)
            default: try send(script.string())
            }
        }

        func finish() throws(Breach) {
            let end = sealed.count
            for datagram in sealed.suffix(Self.window) { try deliver(datagram) }
            guard case .established = ours.state else { return }
            try demand(awaited.values.allSatisfy { $0 < end - Self.window }, "data that was sealed last did not come")
            ours.close()
            try forward()
        }

        // MARK: - The peer

        private func peerSends(_ payload: [UInt8]) {
            count += 1
            let data = withUnsafeBytes(of: count) { Array($0) } + payload
            guard data.withUnsafeBytes({ peer.send($0) }) else { return }
            awaited[data] = sealed.count
            sealed += take(from: peer)
        }

        /// Anything at all, as the peer alone can.
        private func peerSeals(_ script: inout ScriptReader) {
            let type = script.choice([ContentType.alert, .handshake, .changeCipherSpec, .alert])
            let plaintext = script.string()
            guard peer.records != nil, peer.ssl == nil else { return }
            if type == .alert, plaintext.count == 2, plaintext[0] == 2 || plaintext == [1, 0] { mayEnd = true }
            _ = plaintext.withUnsafeBytes { peer.seal(type, $0) }
            sealed += take(from: peer)
        }

        private func some(_ script: inout ScriptReader) -> [UInt8] {
            sealed.isEmpty ? [] : sealed[Int(script.byte()) % sealed.count]
        }

        private func flipped(_ script: inout ScriptReader) -> [UInt8] {
            var bytes = some(&script)
            guard !bytes.isEmpty else { return [] }
            bytes[Int(script.uint16()) % bytes.count] ^= script.byte()
            return bytes
        }

        private func header(_ script: inout ScriptReader) -> [UInt8] {
            [script.byte(), 254, 253, 0, script.byte() & 3] + script.bytes(6) + [script.byte() & 1, script.byte()]
        }

        // MARK: - Ours

        private func deliver(_ datagram: [UInt8]) throws(Breach) {
            var records: [[UInt8]] = []
            let reception = datagram.withUnsafeBytes { bytes in
                let reception = ours.receive(bytes, at: .zero)
                if reception == .record { while let record = ours.nextRecord() { records.append(Array(record)) } }
                return reception
            }
            try demand((reception == .record) == !records.isEmpty, "a record was told of that is not there")
            for record in records {
                try demand(awaited.removeValue(forKey: record) != nil, "data came twice, or nobody sent it")
            }
            switch ours.state {
            case .established: break
            case .closed: try demand(mayEnd, "it ended by itself: \(ours.state)")
            case .handshaking: throw Breach(description: "it shakes hands again")
            }
            try forward()
        }

        private func send(_ data: [UInt8]) throws(Breach) {
            guard data.withUnsafeBytes({ ours.send($0) }) else { return }
            try forward(expecting: data)
        }

        /// Everything of ours reaches the peer, who opens it.
        private func forward(expecting data: [UInt8]? = nil) throws(Breach) {
            var came: [[UInt8]] = []
            for datagram in take(from: ours) {
                try note(datagram)
                datagram.withUnsafeBytes { bytes in
                    guard peer.receive(bytes, at: .zero) == .record else { return }
                    while let record = peer.nextRecord() { came.append(Array(record)) }
                }
            }
            sealed += take(from: peer)
            guard case .established = peer.state else {
                mayEnd = true
                return
            }
            if let data { try demand(came == [data], "the peer did not get what was sealed") }
        }

        /// No sequence number and no nonce twice.
        private func note(_ datagram: [UInt8]) throws(Breach) {
            for (number, nonce) in Self.protectedNumbers(in: datagram) {
                if let last = lastNumber {
                    try demand(number > last.number, "a sequence number is used twice")
                    try demand(!hasExplicitNonces || nonce == last.nonce &+ 1, "a nonce does not count on")
                }
                lastNumber = (number, nonce)
            }
        }

        private static func protectedNumbers(in datagram: [UInt8]) -> [(UInt64, UInt64)] {
            datagram.withUnsafeBytes { bytes in
                var records = DTLSRecords(bytes)
                var numbers: [(UInt64, UInt64)] = []
                while let record = records.next() {
                    guard record.header.epoch == 1 else { continue }
                    let nonce = UInt64(bigEndian: record.fragment.loadUnaligned(as: UInt64.self))
                    numbers.append((record.header.sequenceNumber, nonce))
                }
                return numbers
            }
        }

        private func take(from connection: DTLSConnection) -> [[UInt8]] {
            var datagrams: [[UInt8]] = []
            connection.outgoing.forEach { datagrams.append(Array($0)) }
            connection.outgoing.removeAll()
            return datagrams
        }
    }
#else
    /// What must hold concerns the inside, which only a debug build shows.
    func fuzzRecords(_ bytes: UnsafeRawBufferPointer) throws(Breach) {}
#endif
