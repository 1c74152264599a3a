/// Both one-way delays of a stream (RFC 7679) from exchanges with a clock of which nothing is known
/// but what it says of itself.
///
/// A probe arrives after it was sent, and so does its answer: each exchange bounds the offset of
/// the other clock from both sides (``ClockExchanges``). If both clocks say that they are
/// synchronized, the sum of their errors is a bound as well. The delays have the error that all of
/// these allow together.
package struct OneWayDelays: Sendable, Equatable, Codable {
    /// The reason why there are no delays.
    package enum Absence: String, Sendable, Codable, CaseIterable {
        /// No probe was answered.
        case noExchange = "no exchange"
        /// The other clock contradicts itself, or was stepped.
        case absurd
        /// The clocks are further apart than the errors that they state.
        case contradiction
        /// The error is as large as the delays, or larger.
        case imprecise
    }

    /// The origin of the error.
    package enum Source: String, Sendable, Codable, CaseIterable {
        case oneHost = "one host"
        case exchange
        case estimates
        case ntp
        case ptp
    }

    /// From here to the other host; nil if ``absence`` says why.
    package var forwardNs: DelaySummary?
    /// From the other host to here.
    package var backwardNs: DelaySummary?
    /// The largest error of each delay; nil without a bound.
    package var errorNs: Int64?
    package var errorSource: Source?
    package var absence: Absence?

    /// The knowledge of both clocks.
    package struct Clocks: Sendable {
        /// Both ends read the same clock.
        package var areOne: Bool
        /// The error that each states; nil for a clock that is not synchronized.
        package var ownErrorNs: Int64?
        package var farErrorNs: Int64?

        package init(areOne: Bool = false, ownErrorNs: Int64? = nil, farErrorNs: Int64? = nil) {
            self.areOne = areOne
            self.ownErrorNs = ownErrorNs
            self.farErrorNs = farErrorNs
        }

        /// The sum of both errors.
        var errorNs: Int64? {
            guard let ownErrorNs, let farErrorNs else { return nil }
            let (sum, overflow) = ownErrorNs.addingReportingOverflow(farErrorNs)
            return overflow ? nil : sum
        }
    }

    /// The most by which the difference of two clocks of one host, read once, is wrong: both are
    /// read within a microsecond.
    private static let readingErrorNs: Int64 = 1_000

    private init(_ absence: Absence?) { self.absence = absence }

    /// - Parameter absurd: The exchanges whose times contradict each other, those that are no
    ///   sample included.
    package init(_ samples: [TimeExchange], absurd: Int, clocks: Clocks) {
        guard !samples.isEmpty else {
            self.init(.noExchange)
            return
        }
        guard absurd == 0, !samples.contains(where: \.isAbsurd) else {
            self.init(.absurd)
            return
        }
        let sorted = samples.sorted { $0.sentNs < $1.sentNs }
        var exchanges = ClockExchanges()
        // Relative to the first, so that the differences of unlike clocks do not overflow.
        let baseNs = sorted[0].farReceivedNs &- sorted[0].sentNs
        var lastNs = Int64.min
        // An answer that overtook another one is out of order; the others are enough for a bound.
        for sample in sorted where sample.receivedNs > lastNs {
            lastNs = sample.receivedNs
            exchanges.add(
                askedNs: sample.sentNs, receivedNs: sample.farReceivedNs &- baseNs,
                sentNs: sample.farSentNs &- baseNs, answeredNs: sample.receivedNs)
        }
        guard exchanges.isConsistent else {
            self.init(.absurd)
            return
        }
        let bounds = Self.bounds(sorted, exchanges, baseNs: baseNs)
        guard bounds.allSatisfy({ !$0.isEmpty }) else {
            self.init(.absurd)
            return
        }
        self.init(sorted, bounds, clocks: clocks)
    }

    /// Returns the offsets that are possible at each exchange: between the hulls, which know that
    /// the drift is constant, and no further from the bounds of the others than the largest drift
    /// takes it.
    private static func bounds(
        _ sorted: [TimeExchange], _ exchanges: ClockExchanges, baseNs: Int64
    ) -> [Bounds] {
        let upper = swept(sorted.map { ($0.sentNs, $0.farReceivedNs &- $0.sentNs &- baseNs) })
        let lower = swept(sorted.map { ($0.receivedNs, $0.receivedNs &- $0.farSentNs &+ baseNs) })
        return sorted.indices.map { index in
            let sample = sorted[index]
            let halfNs = (sample.receivedNs &- sample.sentNs) / 2
            let slackNs = drift(overNs: halfNs)
            var bounds = Bounds(
                leastNs: -lower[index] - slackNs, mostNs: upper[index] + slackNs)
            if let hull = exchanges.offset(atNs: sample.sentNs &+ halfNs) {
                bounds.leastNs = max(bounds.leastNs, hull.offsetNs - hull.errorNs)
                bounds.mostNs = min(bounds.mostNs, hull.offsetNs + hull.errorNs)
            }
            bounds.leastNs &+= baseNs
            bounds.mostNs &+= baseNs
            return bounds
        }
    }

    /// Returns each bound, or the one that another bound and the largest drift allow, if that is
    /// less.
    private static func swept(_ points: [(atNs: Int64, ns: Int64)]) -> [Int64] {
        let order = points.indices.sorted { points[$0].atNs < points[$1].atNs }
        var least = points.map(\.ns)
        func sweep(_ order: some Sequence<Int>) {
            var before: Int?
            for index in order {
                defer { before = index }
                guard let before else { continue }
                let awayNs = abs(points[index].atNs &- points[before].atNs)
                least[index] = min(least[index], least[before] + drift(overNs: awayNs))
            }
        }
        sweep(order)
        sweep(order.reversed())
        return least
    }

    /// Returns the most by which two clocks differ more after a time, rounded up.
    private static func drift(overNs ns: Int64) -> Int64 {
        Int64((ClockExchanges.driftLimit * Double(ns)).rounded(.up))
    }

    /// The offsets of the other clock that are possible at one time.
    private struct Bounds {
        var leastNs: Int64
        var mostNs: Int64
        /// The readings are truncated to nanoseconds.
        var isEmpty: Bool { mostNs &- leastNs < -2 }
        var middleNs: Int64 { leastNs &+ (mostNs &- leastNs) / 2 }
        var errorNs: Int64 { max(0, (mostNs &- leastNs) / 2) + 1 }
    }

    /// Subtracts the offset at the time of each exchange.
    private init(_ sorted: [TimeExchange], _ bounds: [Bounds], clocks: Clocks) {
        self.init(nil)
        var forward = SignedDelayHistogram()
        var backward = SignedDelayHistogram()
        var mostNs: Int64 = 0
        var source = clocks.areOne ? Source.oneHost : .exchange
        for (sample, exchanged) in zip(sorted, bounds) {
            var bounds = exchanged
            if clocks.areOne {
                bounds = Bounds(leastNs: -Self.readingErrorNs, mostNs: Self.readingErrorNs)
            } else if let stated = clocks.errorNs {
                bounds.leastNs = max(bounds.leastNs, -stated)
                bounds.mostNs = min(bounds.mostNs, stated)
                guard !bounds.isEmpty else {
                    absence = .contradiction
                    return
                }
                if bounds.errorNs < exchanged.errorNs { source = .estimates }
            }
            mostNs = max(mostNs, bounds.errorNs)
            forward.record(sample.farReceivedNs &- sample.sentNs &- bounds.middleNs)
            backward.record(sample.receivedNs &- sample.farSentNs &+ bounds.middleNs)
        }
        errorNs = mostNs
        errorSource = source
        let (there, back) = (forward.summary(buckets: 64), backward.summary(buckets: 64))
        let least = min(there.p50 ?? 0, back.p50 ?? 0)
        guard Int64(least) >= mostNs else {
            absence = .imprecise
            return
        }
        forwardNs = there
        backwardNs = back
    }
}
