import Metrics
import Reports

/// What several datagrams came to, as one line at the end.
struct SendTally: ~Copyable {
    private(set) var sent = 0
    private(set) var answered = 0
    private var roundTrips = DelayHistogram()

    /// A datagram is done with.
    /// - Parameter rttNs: Of its answer; `nil` when none came.
    mutating func add(rttNs: Int64?) {
        sent += 1
        guard let rttNs else { return }
        answered += 1
        roundTrips.record(rttNs)
    }

    /// `sent 10, answered 9 (90 %), round trip least 45.0 µs, median 60.1 µs, most 1.20 ms`
    var sentence: String {
        let counts =
            "sent \(UnitText.count(sent)), answered \(UnitText.count(answered)) "
            + "(\(UnitText.ratio(sent == 0 ? nil : Double(answered) / Double(sent))))"
        guard answered > 0 else { return counts }
        let times = roundTrips.summary()
        return counts + ", round trip least \(UnitText.time(ns: times.min)), "
            + "median \(UnitText.time(ns: times.p50)), most \(UnitText.time(ns: times.max))"
    }
}
