import Metrics
import Reports

/// The outcome of several datagrams, as one line at the end.
struct SendTally: ~Copyable {
    private(set) var sent = 0
    private(set) var answered = 0
    /// The datagrams answered after the wait, which are not in `answered`.
    private(set) var late = 0
    /// The datagrams of which it is unknown whether they were answered.
    private(set) var unclear = 0
    /// The datagrams answered after an unknown time.
    private var untimed = 0
    private var roundTrips = DelayHistogram()
    /// The last round trip, which a further answer may still invalidate.
    private var last: (number: Int, rttNs: Int64)?

    /// Counts a datagram that is sent.
    ///
    /// - Returns: The datagram's number, from 1.
    mutating func begin() -> Int {
        settle()
        sent += 1
        return sent
    }

    /// Counts an answer to the current datagram.
    /// - Parameter rttNs: The round-trip time; `nil` if it is unknown which of several answers is
    ///   its own.
    mutating func answer(rttNs: Int64?) {
        answered += 1
        if let rttNs { last = (sent, rttNs) } else { untimed += 1 }
    }

    /// Counts a late answer to an earlier datagram.
    mutating func answerLate(rttNs: Int64?) {
        late += 1
        if let rttNs { roundTrips.record(rttNs) }
    }

    /// Counts the current datagram as unclear.
    mutating func leaveOpen() { unclear += 1 }

    /// Withdraws the round trip of a datagram, whose answer may have been one to an earlier
    /// datagram.
    mutating func withdraw(_ number: Int) {
        guard let last, last.number == number else { return }
        self.last = nil
        untimed += 1
    }

    private mutating func settle() {
        if let last { roundTrips.record(last.rttNs) }
        last = nil
    }

    /// Returns `sent 10, answered 9 (90 %), round trip least 45.0 µs, median 60.1 µs, most 1.20
    /// ms`.
    mutating func sentence() -> String {
        settle()
        var parts = [
            "sent \(UnitText.count(sent))",
            "answered \(UnitText.count(answered)) "
                + "(\(UnitText.ratio(sent == 0 ? nil : Double(answered) / Double(sent))))",
        ]
        if late > 0 { parts.append("\(UnitText.count(late)) too late") }
        if unclear > 0 { parts.append("\(UnitText.count(unclear)) unclear") }
        if roundTrips.count > 0 {
            let times = roundTrips.summary()
            parts += [
                "round trip least \(UnitText.time(ns: times.min))",
                "median \(UnitText.time(ns: times.p50))",
                "most \(UnitText.time(ns: times.max))",
            ]
        }
        if untimed > 0, answered > 0 {
            parts.append("\(UnitText.count(untimed)) without a time: not known which answer")
        }
        return parts.joined(separator: ", ")
    }
}
