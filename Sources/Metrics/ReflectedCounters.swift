/// The loss of one session by direction, from the counters that a reflector puts into its answers
/// (Direct Measurement, RFC 8972 §4.5).
///
///     probes      0     1     2     3     4
///     received    1     ·     2     3     4      → four of five came to the reflector, which sent
///     sent        1     ·     2     3     4        four answers: 1 was lost on the way there, and
///     answered    yes   no    yes   no    yes      3, which it counted, on the way back
///
/// The RFC leaves open where the counters begin, and whether they include the packet that they are
/// in: so only differences are used, from the answer to the session's first probe on. Where that
/// one was lost, the begin that other sessions of the same reflector show is taken.
///
/// Nothing is told where the counters contradict a session: where they count other packets too, go
/// back, are set to zero, or where the way there has copied or reordered probes.
package struct ReflectedCounters: BitwiseCopyable, Sendable, Equatable {
    /// The counters as the first packet of a session has them.
    package struct Begin: BitwiseCopyable, Sendable, Equatable {
        package var received: Int64
        package var sent: Int64

        /// Whether a session of its own begins: at 1 with this packet counted, or at 0.
        package var isOfOwnSession: Bool { (0...1).contains(received) && (0...1).contains(sent) }
    }

    /// An answer, with counters that do not wrap.
    private struct Point: BitwiseCopyable, Equatable {
        var sequence: UInt64
        var received: Int64
        var sent: Int64
    }

    /// The counters of the answer to the first probe.
    package private(set) var begin: Begin?
    /// The answer to the latest probe.
    private var latest: Point?
    /// The first answer to a probe at the end, and how many of these were sent before it.
    private var closing: Point?
    private var unansweredClosings = 0
    /// Whether the counters of two answers contradict each other.
    private var isContradictory = false

    package init() {}

    /// Whether an answer told its counters.
    package var isTold: Bool { latest != nil || closing != nil }

    /// Records the counters of the first answer to a probe.
    /// - Parameter sequence: The probe's place in the session, from 0.
    package mutating func record(sequence: UInt64, received: UInt32, sent: UInt32) {
        let point = point(sequence, received, sent)
        if sequence == 0 { begin = Begin(received: point.received, sent: point.sent) }
        guard let last = latest else {
            latest = point
            return
        }
        if !Self.agree(last, point) { isContradictory = true }
        if point.sequence > last.sequence { latest = point }
    }

    /// Records that another answer to a probe has other counters than the first one: the way there
    /// has copied the probe.
    package mutating func recordForwardCopy() { isContradictory = true }

    /// Records the counters of the first answer to a probe at the end.
    /// - Parameter unanswered: The probes at the end that were sent before it.
    package mutating func recordClosing(
        sequence: UInt64, received: UInt32, sent: UInt32, unanswered: Int
    ) {
        guard closing == nil else { return }
        let point = point(sequence, received, sent)
        if let latest, !Self.agree(latest, point) { isContradictory = true }
        closing = point
        unansweredClosings = unanswered
    }

    /// Returns an answer's counters near those of the latest one: they wrap after 2^32.
    private func point(_ sequence: UInt64, _ received: UInt32, _ sent: UInt32) -> Point {
        guard let latest else {
            return Point(sequence: sequence, received: Int64(received), sent: Int64(sent))
        }
        func near(_ value: UInt32, _ other: Int64) -> Int64 {
            other + Int64(Int32(bitPattern: value &- UInt32(truncatingIfNeeded: other)))
        }
        return Point(
            sequence: sequence, received: near(received, latest.received),
            sent: near(sent, latest.sent))
    }

    /// Whether both answers can be of one session: between them at least the later one was counted,
    /// and at most each probe.
    private static func agree(_ one: Point, _ other: Point) -> Bool {
        guard one.sequence != other.sequence else { return true }
        let (earlier, later) = one.sequence < other.sequence ? (one, other) : (other, one)
        let probes = later.sequence - earlier.sequence
        guard probes <= UInt64(Int32.max) else { return false }
        let most = Int64(probes)
        return (1...most).contains(later.received - earlier.received)
            && (1...most).contains(later.sent - earlier.sent)
    }

    /// Returns the losses; nil if the counters do not tell them, or contradict themselves.
    /// - Parameters:
    ///   - sent: The probes of the session.
    ///   - answered: Those that were answered.
    ///   - usual: The begin of the reflector's other sessions; nil if it is not known.
    package func losses(
        sent: Int, answered: Int, usual: Begin? = nil
    ) -> ReflectedNumbers.Losses? {
        guard answered < sent else { return .init(forward: 0, backward: 0) }
        guard !isContradictory, let begin = begin ?? usual, let end = end(sent: sent) else {
            return nil
        }
        let received = end.received - begin.received + 1
        let reflected = end.sent - begin.sent + 1
        // What the reflector received and did not answer was lost on no way.
        guard received == reflected, (Int64(answered)...Int64(sent)).contains(received) else {
            return nil
        }
        return .init(forward: sent - Int(received), backward: Int(received) - answered)
    }

    /// Returns the counters after the last probe; nil if they are not known.
    private func end(sent: Int) -> Point? {
        if let closing, unansweredClosings == 0 {
            return Point(
                sequence: closing.sequence, received: closing.received - 1,
                sent: closing.sent - 1)
        }
        guard let latest, latest.sequence == UInt64(sent) - 1 else { return nil }
        return latest
    }
}
