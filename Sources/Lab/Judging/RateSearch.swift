/// Search for the highest rate that holds: decides the rate of each trial from the outcomes of
/// those before it. It neither sends nor waits.
///
/// The first trial runs at the ceiling. A trial that is too fast for the path measures what the
/// path delivers, whatever it loses and however long its queue is, so the second trial runs just
/// below that rate. From there the search gallops up or down in steps that double, and halves the
/// distance between a rate that holds and one that does not once both are known. The last trial is
/// a long one at the rate found.
///
///     held ≤ the answer < failed ≤ held · (1 + precision)
struct RateSearch: Sendable {
    struct Settings: Sendable {
        /// The highest rate; nil begins with a trial at the sender's own rate.
        var ceilingPps: Double?
        /// The lowest rate; nil takes `defaultFloor` of what the first trial delivers, and at least
        /// `floorLeastPps`.
        var floorPps: Double?
        /// The rate below which a trial has too few datagrams to say anything.
        var floorLeastPps = 0.0
        var precision: Double
        var trialsMost: Int
        /// Whether a trial that loses below a rate that was delivered before is repeated: a single
        /// loss decides there. Of trials judged by thresholds, many fail below the capacity.
        var repeatsLosses = true
    }

    enum Evidence: Sendable, Equatable { case held, failed, hostLimited }

    struct Trial: Sendable, Equatable {
        /// The rate of each flow; nil for the sender's own.
        let pps: Double?
        /// Whether it is the long one, at the rate found.
        let confirms: Bool
    }

    enum End: Sendable, Equatable { case path, plan, host, budget, none }

    enum Step: Sendable, Equatable {
        case trial(Trial)
        case end(End, foundPps: Double?)
    }

    /// The share of the first trial's delivered rate below which no rate is tried by default.
    static let defaultFloor = 0.01
    /// The distance of the second trial below the delivered rate, in precisions: far enough that
    /// the error of that rate and a sender's stalls do not fill a queue, and near enough that the
    /// next step up does.
    private static let margin = 0.4
    /// The first step up, in precisions: far enough that a queue's growth is seen in a short trial
    /// on a busy host. What that trial delivers then closes the distance.
    private static let stepUp = 2.0
    /// The error of a delivered rate, in precisions, and the distance from a rate that held within
    /// which the rate that a trial delivered bounds the answer as well as its own.
    ///
    /// A path that is offered a little more than it carries delivers what it carries; far above, it
    /// may deliver less.
    private static let (deliveredError, nearness) = (0.25, 5.0)
    /// The delivered rates that are tried: a path that loses a share at every rate delivers a
    /// little less each time.
    private static let estimatesMost = 2
    /// The steps up after which the distance to a known upper rate is halved instead.
    private static let stepsBeforeHalving = 2
    /// The repeats of trials that lost below a delivered rate, over the whole search: a path that
    /// loses at every rate is not tried twice at each.
    private static let repeatsOfLossesMost = 3
    /// The repeats of trials in which this host was the limit, over the whole search.
    private static let repeatsOfHostMost = 4

    private let settings: Settings
    /// The rates that held, in ascending order.
    private var held: [Double] = []
    private var failed: Double?
    private var hosted: Double?
    private var confirmed: Double?
    private var trials = 0
    private var repeated: Trial?
    /// The rate that the path delivered above its capacity, until a trial has used it.
    private var estimate: Double?
    private var lastDelivered: Double?
    private var estimatesLeft = Self.estimatesMost
    private var mostDelivered = 0.0
    private var floor: Double?
    private var stepsUp = 0
    private var stepsDown = 0
    private var repeatsOfLosses = 0
    private var repeatsOfHost = 0
    /// The rate beyond this host that was tried once more before the search ends at it.
    private var doubted: Double?

    init(_ settings: Settings) {
        self.settings = settings
        floor = settings.floorPps
    }

    /// The highest rate that held; nil if none has.
    var foundPps: Double? { held.last }

    /// The lowest rate that did not hold because of the path.
    var failedPps: Double? { failed }

    private var upper: Double { min(failed ?? .infinity, hosted ?? .infinity) }

    private var isClosed: Bool {
        guard let low = held.last else { return false }
        if let ceiling = settings.ceilingPps, low >= ceiling { return true }
        // Rounding must not cost a trial.
        return upper <= low * (1 + settings.precision) * (1 + 1e-9)
    }

    /// Returns the next trial, or the end.
    mutating func next() -> Step {
        if isClosed, let low = held.last, confirmed == low { return .end(limit, foundPps: low) }
        if held.isEmpty, trials > 0, repeated == nil, estimate == nil, upper == .infinity {
            return .end(.none, foundPps: nil)
        }
        if held.isEmpty, trials > 0, let floor, upper <= floor * (1 + 1e-9) {
            return .end(
                (failed ?? .infinity) <= (hosted ?? .infinity) ? .none : .host, foundPps: nil)
        }
        guard trials < settings.trialsMost else { return .end(.budget, foundPps: held.last) }
        trials += 1
        if let repeated {
            self.repeated = nil
            return .trial(repeated)
        }
        if trials == 1 { return .trial(Trial(pps: settings.ceilingPps, confirms: false)) }
        if isClosed, let low = held.last {
            if limit == .host, let hosted, doubted != hosted {
                // A moment's trouble of this host must not end the search.
                doubted = hosted
                return .trial(Trial(pps: hosted, confirms: false))
            }
            return .trial(Trial(pps: low, confirms: true))
        }
        return .trial(Trial(pps: candidate(), confirms: false))
    }

    private var limit: End {
        if let ceiling = settings.ceilingPps, let low = held.last, low >= ceiling { return .plan }
        return (failed ?? .infinity) <= (hosted ?? .infinity) ? .path : .host
    }

    private mutating func candidate() -> Double {
        let ceiling = settings.ceilingPps ?? .infinity
        if let estimate {
            self.estimate = nil
            let rate = estimate * (1 - Self.margin * settings.precision)
            if rate < upper, rate > held.last ?? 0, rate >= floor ?? 0 { return min(rate, ceiling) }
        }
        guard let low = held.last else {
            // A host that cannot keep a rate does not keep one just below either.
            let isOfHost = (hosted ?? .infinity) < (failed ?? .infinity)
            let step =
                isOfHost ? 0.5 : min(0.5, settings.precision * Double(1 << min(stepsDown, 20)))
            stepsDown += 1
            return max(upper * (1 - step), floor ?? 0)
        }
        if upper < .infinity, stepsUp > Self.stepsBeforeHalving {
            return (low * upper).squareRoot()
        }
        let step = Self.stepUp * settings.precision * Double(1 << min(stepsUp, 12))
        stepsUp += 1
        let rate = min(low * (1 + step), ceiling)
        return rate < upper ? rate : (low * upper).squareRoot()
    }

    /// Has a trial made once more, whose outcome is not taken.
    mutating func again(_ trial: Trial) { repeated = trial }

    /// Takes the outcome of a trial.
    /// - Parameters:
    ///   - sentPps: The rate that was sent, if it is so far below the planned one that only this
    ///     rate can have held.
    ///   - deliveredPps: The rate at which the path delivered; nil if nothing arrived.
    mutating func take(
        _ evidence: Evidence, of trial: Trial, sentPps: Double? = nil, deliveredPps: Double?
    ) {
        note(deliveredPps, of: trial, evidence)
        guard let pps = trial.pps else { return }
        switch evidence {
        case .held:
            let rate = trial.confirms ? pps : sentPps ?? pps
            if !held.contains(rate) {
                held.append(rate)
                held.sort()
            }
            if stepsDown > 0 { stepsUp = Self.stepsBeforeHalving + 1 }
            if let hosted, hosted <= pps { self.hosted = nil }
            if trial.confirms { confirmed = pps }
        case .failed:
            let isBelowDelivered = pps <= mostDelivered
            if settings.repeatsLosses, !trial.confirms, isBelowDelivered,
                repeatsOfLosses < Self.repeatsOfLossesMost
            {
                repeatsOfLosses += 1
                repeated = trial
                // The same rate again, and so no other estimate.
                mostDelivered = 0
                estimate = nil
                return
            }
            failed = min(failed ?? .infinity, bound(pps, deliveredPps))
            drop(from: pps)
        case .hostLimited:
            // A ceiling beyond this host is no accident.
            if trials > 1, doubted != pps, repeatsOfHost < Self.repeatsOfHostMost {
                repeatsOfHost += 1
                repeated = trial
                return
            }
            hosted = min(hosted ?? .infinity, pps)
            drop(from: pps)
        }
    }

    /// Returns the upper bound that follows from a trial that failed.
    private func bound(_ pps: Double, _ deliveredPps: Double?) -> Double {
        guard let low = held.last, low < pps, let deliveredPps,
            pps <= low * (1 + Self.nearness * settings.precision)
        else { return pps }
        let bound = deliveredPps * (1 + Self.deliveredError * settings.precision)
        // Less than what held contradicts that, and proves nothing.
        return bound > low ? min(pps, bound) : pps
    }

    /// Notes what a trial above the capacity delivered. What one below delivers is what it sent.
    private mutating func note(_ deliveredPps: Double?, of trial: Trial, _ evidence: Evidence) {
        guard evidence != .held || trial.pps == nil else { return }
        if floor == nil {
            let most = deliveredPps ?? settings.ceilingPps
            floor = most.map { max($0 * Self.defaultFloor, settings.floorLeastPps) }
        }
        guard let deliveredPps, deliveredPps > 0 else { return }
        mostDelivered = max(mostDelivered, deliveredPps)
        let isNew =
            lastDelivered.map { abs(deliveredPps - $0) > settings.precision / 2 * $0 } ?? true
        // Between two known rates the estimates of trials near them say nothing new.
        if isNew, estimatesLeft > 0, held.isEmpty || failed == nil {
            estimatesLeft -= 1
            estimate = deliveredPps
        }
        lastDelivered = deliveredPps
    }

    /// Forgets that rates from `pps` on held: the longer or later trial counts.
    private mutating func drop(from pps: Double) {
        held.removeAll { $0 >= pps }
        if held.isEmpty { stepsUp = 0 }
    }
}
