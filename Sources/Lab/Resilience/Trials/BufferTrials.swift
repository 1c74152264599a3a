import Reports

/// Trials of payloads that fill the server's receive buffer to the last byte.
enum BufferTrials {
    /// Common sizes of receive buffers.
    private static let commonSizes = [
        64, 128, 256, 512, 1_024, 1_500, 2_048, 4_096, 8_192, 16_384, 32_768, 65_507,
    ]
    private static let restartsAtMost = 3

    static let exact = Trial(
        id: "buffer-size", title: "Exactly the buffer's size",
        expectation: "a payload that fills a receive buffer to its last byte comes back whole: of "
            + "64 to 32,768 bytes in powers of two, of 1,500, and of the length that answers are "
            + "cut to", profile: .basic
    ) { bench in
        if bench.shrinks {
            return .notApplicable("its receive length changes (see payload-sizes)")
        }
        let did = "sent one datagram of each size, with a plain question after each"
        var search = Search()
        for bytes in commonSizes {
            guard try search.tryOut(bytes, bench) else { break }
        }
        if search.found == nil, let bytes = bench.cutBytes ?? search.cutBytes {
            _ = try search.tryOut(bytes, bench)
        }
        if let found = search.found {
            return .fail(
                did,
                saw:
                    "\(Wording.bytes(found.bytes)) \(found.how), and \(Wording.bytes(found.bytes - 1)) "
                    + "came back whole",
                change: "a datagram that fills the buffer to its last byte is whole: make the "
                    + "buffer larger than any datagram (65,535 bytes), take a full one for no "
                    + "error and no first part, and write nothing behind its end")
        }
        guard search.whole > 0 else {
            return .notApplicable("no size came back whole", did: did)
        }
        return .pass(did, saw: "\(search.whole) sizes came back whole")
    }

    private struct Search {
        var whole = 0
        var cutBytes: Int?
        /// A size that fails while the next smaller one does not.
        var found: (bytes: Int, how: String)?
        private var restarts = 0

        /// Tries a size.
        /// - Returns: Whether larger sizes can give more information.
        mutating func tryOut(_ bytes: Int, _ bench: Bench) throws -> Bool {
            // A larger payload fails because of its length, which another trial reports.
            if let cut = bench.cutBytes, bytes > cut { return false }
            guard let how = try failure(bytes, bench) else { return restarts <= restartsAtMost }
            if try failure(bytes - 1, bench) == nil { found = (bytes, how) }
            return false
        }

        /// Returns the failure of a size; nil if it is returned whole, or cannot be tried.
        private mutating func failure(_ bytes: Int, _ bench: Bench) throws -> String? {
            guard restarts <= restartsAtMost, try bench.isReady(&restarts) else { return nil }
            let (number, octets) = bench.question(bytes: bytes)
            var reception = try bench.present(octets, number: number)
            if case .silent = reception { reception = try bench.present(octets, number: number) }
            switch reception {
            case .verbatim:
                whole += 1
                return nil
            case .altered(let answer):
                if octets.starts(with: answer) { cutBytes = answer.count }
                return "came back as \(Wording.bytes(answer.count))"
            case .silent: return "got no answer"
            case .damaged(let damage): return "got no answer, and \(damage.text)"
            }
        }
    }
}
