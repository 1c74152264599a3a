import Metrics

/// The figures that a sender of an unfinished run told while it was running.
package struct SoFarReport: Codable, Sendable, Equatable {
    package struct Interval: Codable, Sendable, Equatable {
        package var startNs: Int
        package var sent: Int
        /// Nil if no answer is awaited.
        package var received: Int?
        package var lost: Int?
        /// The greatest 99th percentile in a message of this interval.
        package var rttP99Ns: Int?
    }

    package var sender: String
    /// The time of the last message since the first.
    package private(set) var atNs = 0
    package private(set) var sent = 0
    package private(set) var received: Int?
    package private(set) var lost: Int?
    package private(set) var rttP50Ns: Int?
    package private(set) var rttP99Ns: Int?
    package private(set) var intervalNs = Self.firstIntervalNs
    package private(set) var intervals: [Interval] = []

    package static let intervalsMax = 300
    private static let firstIntervalNs = 1_000_000_000

    package init(sender: String, isOneWay: Bool) {
        self.sender = sender
        if !isOneWay { (received, lost) = (0, 0) }
    }

    /// Takes a message. Counts that begin anew are those after the warm-up: all before is
    /// forgotten.
    /// - Parameter atNs: The time since the first message, or since the counts began anew.
    package mutating func read(_ figures: LiveFigures, atNs timeNs: Int) {
        while timeNs / intervalNs >= Self.intervalsMax { mergePairs() }
        let index = max(0, timeNs / intervalNs)
        while intervals.count <= index {
            intervals.append(
                Interval(
                    startNs: intervals.count * intervalNs, sent: 0,
                    received: received.map { _ in 0 }, lost: lost.map { _ in 0 }))
        }
        // A message may tell less of what is received and lost than the one before, but never of
        // what is sent: the sums of the intervals are the totals in any case.
        intervals[index].sent += figures.sent - sent
        if let received { intervals[index].received? += figures.received - received }
        if let lost { intervals[index].lost? += figures.lost - lost }
        intervals[index].rttP99Ns = [intervals[index].rttP99Ns, figures.p99Ns]
            .compactMap { $0 }.max()
        (atNs, sent) = (timeNs, figures.sent)
        if received != nil { (received, lost) = (figures.received, figures.lost) }
        (rttP50Ns, rttP99Ns) = (figures.p50Ns, figures.p99Ns)
    }

    private mutating func mergePairs() {
        intervals = stride(from: 0, to: intervals.count, by: 2).map { index in
            var pair = intervals[index]
            guard index + 1 < intervals.count else { return pair }
            let second = intervals[index + 1]
            pair.sent += second.sent
            pair.received = second.received.flatMap { more in pair.received.map { $0 + more } }
            pair.lost = second.lost.flatMap { more in pair.lost.map { $0 + more } }
            pair.rttP99Ns = [pair.rttP99Ns, second.rttP99Ns].compactMap { $0 }.max()
            return pair
        }
        intervalNs *= 2
    }
}
