import Reports

/// The effects of earlier trials on the server.
extension Bench {
    /// The reason why further trials are impossible with a server that shortens its answers since
    /// an earlier trial and that the battery cannot restart.
    var cutForGood: String? {
        guard shrinks, !server.isOwn else { return nil }
        return "its receive length has shrunk (see payload-sizes): start it again, or let udplab "
            + "start it (--command)"
    }

    /// Returns the damage if the server no longer returns the largest payload that it has returned.
    ///
    /// - Returns: nil while it does, or if that is unknown.
    func unlearnt() throws -> (saw: String, change: String)? {
        guard let bytes = wholeBytes, isLocal, !shrinks, missesAnyway == nil else { return nil }
        for _ in 0..<Self.attempts where !server.hasEnded {
            guard let answer = try askPlainly(attempts: 1, bytes: bytes) else { continue }
            if answer.octets.count == bytes { return nil }
            shrinks = answer.octets.count < bytes
            return (
                "it is served, but leaves the server changed: \(Wording.bytes(bytes)), which had "
                    + "come back whole, came back as \(Wording.bytes(answer.octets.count))",
                shrinks ? advice.fullSize : Self.noState
            )
        }
        if server.hasEnded { return nil }
        return (
            "it is served, but leaves the server changed: \(Wording.bytes(bytes)), which had come "
                + "back whole, are not answered any more",
            Self.noState
        )
    }

    /// Whether a question of the wait for the server's first answer has been answered by now.
    func isAnswered(_ number: Int) -> Bool {
        answeredFirst == number || strays.contains { text.number($0.octets) == number }
    }

    /// Waits for datagrams, at most for a time slice, and adds them to `strays`.
    func collect(until untilNs: Int64) throws {
        try listen(to: listeners, untilNs: untilNs)
        for listener in listeners {
            while strays.count < Self.straysAtMost, let letter = listener.take(room) {
                strays.append(letter)
            }
        }
    }

    static let noState =
        "keep no state from one datagram to the next: an echo owes each the same answer"
}
