/// The offset of another host's monotonic clock from exchanges of messages with it.
///
/// A message that is sent here at t1 and received there at t2 cannot have arrived before it was
/// sent, so that the offset is at most t2 − t1; one sent there at t3 and received here at t4 shows
/// that it is at least t3 − t4. Clocks drift, at a rate that is constant for minutes: the offset is
/// a straight line below all upper bounds and above all lower ones, and so between the convex hulls
/// of both (Moon, Skelly, Towsley 1999; Zhang, Liu, Xia 2002). No method sees a constant
/// difference between the two ways: half the gap is the largest error.
package struct ClockExchanges: Sendable {
    /// The largest drift of two disciplined clocks: adjtimex(2) slews by at most 500 ppm.
    package static let driftLimit = 500e-6

    /// A bound on the offset at a time of this host's clock.
    private struct Point {
        let atNs: Int64
        let offsetNs: Int64
    }

    /// The lower hull of the upper bounds, and the upper hull of the lower ones.
    private var upper: [Point] = []
    private var lower: [Point] = []
    /// The number of exchanges.
    package private(set) var count = 0
    /// The shortest time on the way, both ways together; nil without an exchange.
    package private(set) var roundTripMinNs: Int64?
    /// The times on the way of the last exchanges, the newest last.
    private var lastWaysNs: [Int64] = []
    private static let lastKept = 128

    package init() {}

    /// The time of this host's clock at which the last answer came; nil without one.
    package var lastNs: Int64? { lower.last?.atNs }

    /// Returns the shortest time on the way in the last exchanges; nil without any.
    /// - Parameter count: The number of exchanges, at most 128.
    package func shortestOfLast(_ count: Int) -> Int64? { lastWaysNs.suffix(count).min() }

    /// Adds an exchange. Each is later than the one before.
    /// - Parameters:
    ///   - askedNs: This host's time of sending the question.
    ///   - receivedNs: The other host's time of receiving it.
    ///   - sentNs: The other host's time of sending the answer.
    ///   - answeredNs: This host's time of receiving the answer.
    package mutating func add(
        askedNs: Int64, receivedNs: Int64, sentNs: Int64, answeredNs: Int64
    ) {
        count += 1
        Self.extend(&upper, Point(atNs: askedNs, offsetNs: receivedNs &- askedNs), keepsBelow: true)
        Self.extend(
            &lower, Point(atNs: answeredNs, offsetNs: sentNs &- answeredNs), keepsBelow: false)
        let wayNs = (answeredNs &- askedNs) &- (sentNs &- receivedNs)
        roundTripMinNs = min(roundTripMinNs ?? wayNs, wayNs)
        if lastWaysNs.count == Self.lastKept { lastWaysNs.removeFirst(Self.lastKept / 2) }
        lastWaysNs.append(wayNs)
    }

    /// Returns the other clock minus this one at a time of this clock, and the largest error; nil
    /// without an exchange.
    package func offset(atNs: Int64) -> (offsetNs: Int64, errorNs: Int64)? {
        guard let most = Self.bound(upper, atNs, driftSign: 1),
            let least = Self.bound(lower, atNs, driftSign: -1)
        else { return nil }
        let halfNs = (most &- least) / 2
        // Bounds that exclude each other are of a clock that was stepped: the error is then at
        // least the contradiction.
        return (least &+ halfNs, abs(halfNs) &+ 1)
    }

    /// Whether one straight line satisfies all exchanges: otherwise the clock was stepped, or its
    /// drift changed.
    package var isConsistent: Bool {
        (upper + lower).allSatisfy { point in
            guard let most = Self.bound(upper, point.atNs, driftSign: 1),
                let least = Self.bound(lower, point.atNs, driftSign: -1)
            else { return true }
            // The two readings of an exchange are truncated to nanoseconds.
            return most &- least >= -Self.roundingNs
        }
    }

    /// The drift of the other clock against this one in millionths; nil if the exchanges are too
    /// few, or too close to each other, to show one.
    package var driftPpm: Double? {
        guard let first = lower.first, let last = upper.last, count > 1,
            last.atNs &- first.atNs >= Self.driftSpanNs
        else { return nil }
        let middleNs = first.atNs &+ (last.atNs &- first.atNs) / 2
        guard let above = Self.slope(upper, middleNs), let below = Self.slope(lower, middleNs)
        else { return nil }
        return (above + below) / 2 * 1e6
    }

    private static let roundingNs: Int64 = 2
    /// The shortest time over which a drift is stated.
    private static let driftSpanNs: Int64 = 1_000_000_000

    /// Adds a point behind a hull, and removes those that it makes superfluous.
    private static func extend(_ hull: inout [Point], _ point: Point, keepsBelow: Bool) {
        while hull.count > 1 {
            let (one, two) = (hull[hull.count - 2], hull[hull.count - 1])
            let ahead =
                Double(two.atNs &- one.atNs) * Double(point.offsetNs &- one.offsetNs)
                - Double(two.offsetNs &- one.offsetNs) * Double(point.atNs &- one.atNs)
            // A lower hull turns left at each of its points, an upper one right.
            if keepsBelow ? ahead > 0 : ahead < 0 { break }
            hull.removeLast()
        }
        if let last = hull.last, hull.count == 1, last.atNs == point.atNs { hull.removeLast() }
        hull.append(point)
    }

    /// Returns the bound at a time: on the hull, or from one of its points as far away as the
    /// largest drift takes it, whichever is tighter. At the end of the hull there is always the
    /// last exchange, and over a line that is slow at times an earlier one may say more.
    private static func bound(_ hull: [Point], _ atNs: Int64, driftSign: Double) -> Int64? {
        guard let onHull = hullBound(hull, atNs, driftSign: driftSign) else { return nil }
        return hull.reduce(onHull) { bound, point in
            // Both clocks may be slewed, in opposite directions.
            let awayNs = 2 * driftLimit * Double(abs(atNs &- point.atNs))
            let fromPoint = point.offsetNs &+ Int64((driftSign * awayNs).rounded())
            return driftSign > 0 ? min(bound, fromPoint) : max(bound, fromPoint)
        }
    }

    private static func hullBound(_ hull: [Point], _ atNs: Int64, driftSign: Double) -> Int64? {
        guard let first = hull.first, let last = hull.last else { return nil }
        func beyond(_ end: Point) -> Int64 {
            let awayNs = Double(abs(atNs &- end.atNs))
            return end.offsetNs &+ Int64((driftSign * driftLimit * awayNs).rounded())
        }
        if atNs <= first.atNs { return beyond(first) }
        if atNs >= last.atNs { return beyond(last) }
        guard let next = hull.firstIndex(where: { $0.atNs > atNs }) else { return beyond(last) }
        let (one, two) = (hull[next - 1], hull[next])
        let share = Double(atNs &- one.atNs) / Double(two.atNs &- one.atNs)
        return one.offsetNs &+ Int64((share * Double(two.offsetNs &- one.offsetNs)).rounded())
    }

    /// Returns the slope of the hull's edge at a time; nil for a hull of one point.
    private static func slope(_ hull: [Point], _ atNs: Int64) -> Double? {
        guard hull.count > 1 else { return nil }
        let next = min(
            max(1, hull.firstIndex { $0.atNs > atNs } ?? hull.count - 1), hull.count - 1)
        let (one, two) = (hull[next - 1], hull[next])
        return Double(two.offsetNs &- one.offsetNs) / Double(two.atNs &- one.atNs)
    }
}
