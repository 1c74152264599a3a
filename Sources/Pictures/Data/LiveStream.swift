import Metrics

/// The figures of one sender of the run that is under way: its totals, and an interval for each
/// message of its worker.
struct LiveStream: Sendable {
    /// The intervals that are kept: those of the last five minutes.
    static let intervalsMax = 300
    /// The age of the figures in a message, at most: the loops publish them four times a second.
    /// A message that is sooner after the warm-up may still have its figures.
    private static let staleNs = 300_000_000

    let sender: String
    /// Whether no answer is awaited, so that nothing is known of the arrivals before the end.
    let isOneWay: Bool
    private let hasWarmUp: Bool
    private(set) var totals = LiveFigures()
    private(set) var intervals: [IntervalFigures] = []
    private var lastNs = 0

    init(sender: String, isOneWay: Bool, hasWarmUp: Bool) {
        self.sender = sender
        self.isOneWay = isOneWay
        self.hasWarmUp = hasWarmUp
    }

    /// Takes a message.
    /// - Parameter atNs: The time since the first measured slot.
    mutating func read(_ figures: LiveFigures, atNs: Int) {
        guard atNs > (hasWarmUp ? Self.staleNs : 0), atNs > lastNs else { return }
        intervals.append(
            IntervalFigures(
                startNs: lastNs, lengthNs: atNs - lastNs, from: totals, to: figures))
        if intervals.count > Self.intervalsMax { intervals.removeFirst() }
        totals = figures
        lastNs = atNs
    }

    /// The datagrams that were neither answered nor given up so far.
    var openCount: Int { max(0, totals.sent - totals.received - totals.lost) }

    /// The share of the losses of what is answered or given up; nil without either.
    var lossRatio: Double? {
        let settled = totals.received + totals.lost
        return settled > 0 ? Double(totals.lost) / Double(settled) : nil
    }
}
