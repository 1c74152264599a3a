/// The accounts of a room: deliveries, where a message that reaches the room is to be delivered to
/// every member that is in the room then.
///
///     expected   = fannedOut + failed
///     fannedOut  = memberOverflow + lost + delivered
///     delivered  = inTime + late
///
/// Each line has to balance, as those of `Ledger`. A delivery is one message at one member: copies
/// of it stand in `duplicates`, and in no line.
package struct FanOutLedger: Codable, Equatable, Sendable {
    /// Messages that reached the room, copies not counted.
    package var messages = 0
    /// The members at the time of each message, summed up.
    package var expected = 0
    /// Deliveries that the room's socket took.
    package var fannedOut = 0
    /// Deliveries that it did not take.
    package var failed = 0
    /// Dropped by full receive buffers of members, on this host.
    /// Nil when the kernel does not say.
    package var memberOverflow: Int? = 0
    /// The remainder: what may be called the network's loss.
    package var lost = 0
    package var delivered = 0
    package var inTime = 0
    package var late = 0
    /// Copies of deliveries beyond the first.
    package var duplicates = 0

    package init() {}

    /// What of the expected deliveries no member has.
    package var missing: Int { expected - delivered }

    /// From what the room and the members counted; what is missing stands in the members' drops as
    /// far as these go, and the remainder is lost.
    /// - Parameter drops: Arrivals that the members' full receive buffers refused.
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

    /// A sentence per line that does not balance and per account below zero; empty when the ledger
    /// balances.
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
