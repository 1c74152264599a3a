/// A test of the Maximum IP-Layer Capacity (RFC 9097 §6) while it runs: from the messages of the
/// receiver to the rates of the sender, and to the capacity of each sub-interval.
///
/// It neither sends nor waits. Times are monotonic; those of its results count from the start.
package struct CapacityTest: Sendable {
    /// The length of a sub-interval (RFC 9097 §4: dt).
    package static let subIntervalNs: Int64 = 1_000_000_000
    /// The time without arrivals that ends the test (RFC 9097 §8.1: load packet timeout), and that
    /// without messages (feedback message timeout). Both are the longer of the tested values: on
    /// a busy machine a worker may be descheduled for a second.
    package static let (loadTimeoutNs, silenceNs): (Int64, Int64) = (5_000_000_000, 5_000_000_000)
    /// The number of steps that are kept; beyond, every second one is left out.
    private static let stepsMost = 400

    package struct Settings: Sendable {
        /// The time of the first slot, and the end of sending.
        package var startNs: Int64
        package var endNs: Int64
        /// The bits of the IP packet of each datagram.
        package var bitsPerPacket: Double
        package var rates: LoadRates
        package var firstRow: Int

        package init(
            startNs: Int64, endNs: Int64, bitsPerPacket: Double, rates: LoadRates, firstRow: Int
        ) {
            self.startNs = startNs
            self.endNs = endNs
            self.bitsPerPacket = bitsPerPacket
            self.rates = rates
            self.firstRow = firstRow
        }
    }

    /// The capacity of a sub-interval with the loss and the delays of the same time.
    package struct SubInterval: Codable, Sendable, Equatable {
        package var startNs: Int
        /// The length: that of a message more than planned, where one came late.
        package var lengthNs: Int
        package var received: Int
        package var lost: Int
        package var reordered: Int
        package var duplicates: Int
        package var delayLeastNs: Int?
        package var delayMostNs: Int?
        /// The row that was offered at its end.
        package var row: Int
        package var ipBitsPerSecond: Double

        package var lossRatio: Double? { ratio(lost, of: received + lost) }

        /// The range of its delays.
        package var delayRangeNs: Int? {
            delayMostNs.flatMap { most in delayLeastNs.map { most - $0 } }
        }
    }

    /// A decision: the row that is offered from then on, and the message that led to it.
    package struct Step: Codable, Sendable, Equatable {
        package var atNs: Int
        package var row: Int
        package var sequenceErrors: Int
        /// The longest delay of the message less the least of the test so far; nil without
        /// arrivals.
        package var delayRangeNs: Int?
    }

    package enum Order: Sendable, Equatable {
        /// The rate of all flows together from now on, in datagrams per second.
        case rate(pps: Double)
        case stop
    }

    /// A reason for the end of a test before its time.
    package enum Ending: Sendable, Equatable {
        /// Nothing arrived at the receiver any more.
        case noArrivals
        /// The receiver sent no messages.
        case silence
    }

    package let settings: Settings
    package private(set) var adjustment: LoadAdjustment
    package private(set) var subIntervals: [SubInterval] = []
    package private(set) var steps: [Step] = []
    package private(set) var ending: Ending?
    /// Whether a receiver had not read all that had arrived, so that its counts are not exact.
    package private(set) var wasBehind = false
    /// The last message after which the load did not go up, though the table goes on.
    private var heldNs: Int64?
    private var stepsApart = 1
    private var stepCount = 0
    private var last: LoadFeedback
    private var atStart: LoadFeedback
    private var delayLeastNs = Int64.max
    /// The last message with arrivals, and the timeouts since: `w` of RFC 9097 §8.1.
    private var arrivedNs: Int64?
    private var timeouts: Int64 = 0

    package init(_ settings: Settings) {
        self.settings = settings
        adjustment = LoadAdjustment(rates: settings.rates, firstRow: settings.firstRow)
        last = LoadFeedback(atNs: settings.startNs)
        atStart = last
    }

    /// Whether the path kept the load from going up in the last seconds.
    package var wasHeldAtEnd: Bool {
        heldNs.map { min(last.atNs, settings.endNs) - $0 < Self.heldForNs } ?? false
    }

    private static let heldForNs: Int64 = 2_000_000_000

    /// The sub-interval of the maximum capacity; the first of equal ones.
    package var best: SubInterval? {
        subIntervals.reduce(nil) { best, next in
            (best?.ipBitsPerSecond ?? 0) < next.ipBitsPerSecond ? next : best
        }
    }

    package func pps(ofRow row: Int) -> Double {
        LoadRates.bitsPerSecond(ofRow: row) / settings.bitsPerPacket
    }

    /// Takes a message of the receiver. Those before the start, or not newer than the last, say
    /// nothing.
    package mutating func take(_ feedback: LoadFeedback) -> Order? {
        guard ending == nil, feedback.atNs > last.atNs else { return nil }
        let before = last
        last = feedback
        if feedback.isBehind { wasBehind = true }
        if let least = feedback.delayLeastNs { delayLeastNs = min(delayLeastNs, least) }
        count(feedback)
        guard feedback.atNs < settings.endNs else { return nil }
        let row = adjustment.row
        if feedback.arrivals > before.arrivals {
            arrivedNs = feedback.atNs
            timeouts = 0
            adjust(feedback, before)
        } else {
            let sinceNs = feedback.atNs - (arrivedNs ?? settings.startNs)
            if sinceNs > Self.loadTimeoutNs { return end(.noArrivals) }
            // A message without arrivals shows neither order nor delay: it is none.
            let limitNs =
                LoadAdjustment.Defaults.delayHighNs + (2 + timeouts) * LoadFeedback.everyNs
            guard arrivedNs != nil, sinceNs > limitNs else { return nil }
            timeouts += 1
            adjustment.takeCongestion()
            note(Step(atNs: time(feedback), row: adjustment.row, sequenceErrors: 0))
        }
        if adjustment.row <= row, row < settings.rates.last || adjustment.row < row {
            heldNs = feedback.atNs
        }
        return adjustment.row == row ? nil : .rate(pps: pps(ofRow: adjustment.row))
    }

    /// Takes the lack of messages.
    package mutating func takeSilence() -> Order? { ending == nil ? end(.silence) : nil }

    private mutating func end(_ reason: Ending) -> Order {
        ending = reason
        return .stop
    }

    private func time(_ feedback: LoadFeedback) -> Int { Int(feedback.atNs - settings.startNs) }

    private mutating func adjust(_ feedback: LoadFeedback, _ before: LoadFeedback) {
        let lost = max(0, feedback.missing - before.missing)
        let errors =
            lost + feedback.reordered - before.reordered
            + feedback.duplicates - before.duplicates
        let rangeNs = feedback.delayMostNs.map { max(0, $0 - delayLeastNs) }
        adjustment.take(sequenceErrors: errors, delayRangeNs: rangeNs ?? 0)
        note(
            Step(
                atNs: time(feedback), row: adjustment.row, sequenceErrors: errors,
                delayRangeNs: rangeNs.map { Int($0) }))
    }

    private mutating func note(_ step: Step) {
        defer { stepCount += 1 }
        guard stepCount % stepsApart == 0 else { return }
        steps.append(step)
        guard steps.count > Self.stepsMost else { return }
        steps = steps.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        stepsApart *= 2
    }

    // MARK: - Sub-intervals

    private var delays = LoadFeedback(atNs: 0)

    private mutating func count(_ feedback: LoadFeedback) {
        delays.addDelays(of: feedback)
        // The next full second: of one that a late message left little of, the one after it.
        let least = atStart.atNs - settings.startNs + Self.subIntervalNs * 9 / 10
        let planned = (least + Self.subIntervalNs - 1) / Self.subIntervalNs
        let endNs = settings.startNs + planned * Self.subIntervalNs
        guard feedback.atNs >= endNs, endNs <= settings.endNs else { return }
        let lengthNs = feedback.atNs - atStart.atNs
        let received = feedback.received - atStart.received
        subIntervals.append(
            SubInterval(
                startNs: Int(atStart.atNs - settings.startNs), lengthNs: Int(lengthNs),
                received: received, lost: max(0, feedback.missing - atStart.missing),
                reordered: feedback.reordered - atStart.reordered,
                duplicates: feedback.duplicates - atStart.duplicates,
                delayLeastNs: delays.delayLeastNs.map { Int($0) },
                delayMostNs: delays.delayMostNs.map { Int($0) }, row: adjustment.row,
                ipBitsPerSecond: Double(received) * settings.bitsPerPacket * 1e9
                    / Double(lengthNs)))
        atStart = feedback
        delays = LoadFeedback(atNs: 0)
    }
}
