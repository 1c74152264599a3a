/// The accounts of a room's deliveries: a message that reaches the room is to be delivered to every
/// member in the room at that time.
///
///     expected   = fannedOut + failed
///     fannedOut  = memberOverflow + lost + delivered
///     delivered  = inTime + late
///
/// Each line has to balance, as those of `Ledger`. A delivery is one message at one member: copies
/// of it are counted in `duplicates` and in no line.
package struct FanOutLedger: Codable, Equatable, Sendable {
    /// The number of messages that reached the room, copies not counted.
    package var messages = 0
    /// The number of members at the time of each message, summed up.
    package var expected = 0
    /// The deliveries that the kernel accepted on the room's socket.
    package var fannedOut = 0
    /// The deliveries whose send failed.
    package var failed = 0
    /// The deliveries dropped by full receive buffers of members, on this host; nil if the kernel
    /// does not report drops.
    package var memberOverflow: Int? = 0
    /// The remainder, which counts as network loss.
    package var lost = 0
    package var delivered = 0
    package var inTime = 0
    package var late = 0
    /// Copies of deliveries beyond the first.
    package var duplicates = 0

    package init() {}

    /// The expected deliveries that no member received.
    package var missing: Int { expected - delivered }

    /// Derives the accounts from the counts of the room and the members. Missing deliveries are
    /// overflow up to the members' drops, and the remainder is lost.
    /// - Parameter drops: Arrivals dropped by the members' full receive buffers.
    package init(
        messages: Int, expected: Int, fannedOut: Int, failed: Int, delivered: Int, late: Int,
        duplicates: Int, drops: Int?
    ) {
        self.messages = messages
        self.expected = expected
        self.fannedOut = fannedOut
        self.failed = failed
        self.delivered = delivered
        self.late = late
        self.duplicates = duplicates
        inTime = delivered - late
        let missing = fannedOut - delivered
        memberOverflow = drops.map { max(0, min(missing, $0)) }
        lost = missing - (memberOverflow ?? 0)
    }

    /// Returns a sentence for each line that does not balance and for each account below zero; none
    /// when the ledger balances.
    package func imbalances() -> [String] {
        let accounts = [
            ("messages", messages), ("expected", expected), ("fanned_out", fannedOut),
            ("failed", failed), ("member_overflow", memberOverflow ?? 0), ("lost", lost),
            ("delivered", delivered), ("in_time", inTime), ("late", late),
            ("duplicates", duplicates),
        ]
        var sentences = accounts.filter { $0.1 < 0 }.map { name, count in
            "\(name) is \(count), and no account can be below zero"
        }
        func hold(_ name: String, _ total: Int, _ parts: (String, Int)...) {
            let sum = parts.reduce(0) { $0 + $1.1 }
            guard total != sum else { return }
            let terms = parts.map { "\($0.0) \($0.1)" }.joined(separator: " + ")
            sentences.append("\(name) \(total) is not \(terms) = \(sum)")
        }
        hold("expected", expected, ("fanned_out", fannedOut), ("failed", failed))
        hold(
            "fanned_out", fannedOut, ("member_overflow", memberOverflow ?? 0), ("lost", lost),
            ("delivered", delivered))
        hold("delivered", delivered, ("in_time", inTime), ("late", late))
        return sentences
    }
}
