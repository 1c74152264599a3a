import Metrics
import Reports

/// The time of one run's stream, which its pictures share: the same ticks and the same events.
struct TimeAxis: Sendable {
    let scale: Scale
    private let intervals: [IntervalFigures]
    private let usualNs: Int?
    private let timeline: [TimelineReport]

    /// Makes the axis of a stream; nil for one without intervals.
    init?(_ member: StreamGroup.Member) {
        self.init(
            member.stream.intervals, usualNs: member.stream.intervalNs.map { Int($0) },
            timeline: member.run.timeline)
    }

    /// Makes an axis; nil without intervals.
    /// - Parameters:
    ///   - usualNs: The length of all intervals but the last; nil if each has its own.
    ///   - originNs: The time that the axis has in any case.
    init?(
        _ intervals: [IntervalFigures], usualNs: Int?, timeline: [TimelineReport],
        originNs: Int = 0
    ) {
        guard let first = intervals.first, let last = intervals.last else { return nil }
        self.intervals = intervals
        self.usualNs = usualNs
        self.timeline = timeline
        let end = last.startNs + Self.lengthNs(last, usualNs)
        scale = .linear(Double(min(originNs, first.startNs)), Double(end))
    }

    /// Returns the length of an interval, of the last one without the drain, in which nothing is
    /// sent.
    func lengthNs(_ interval: IntervalFigures) -> Int { Self.lengthNs(interval, usualNs) }

    private static func lengthNs(_ interval: IntervalFigures, _ usualNs: Int?) -> Int {
        max(1, min(interval.lengthNs ?? usualNs ?? 1, usualNs ?? .max))
    }

    /// The intervals with the shares of the width at which they begin and end.
    var columns: [(interval: IntervalFigures, from: Double, to: Double)] {
        intervals.map { interval in
            let end = interval.startNs + lengthNs(interval)
            return (interval, scale.share(Double(interval.startNs)), scale.share(Double(end)))
        }
    }

    var ticks: [(share: Double, text: String)] {
        let ticks = scale.ticks(6)
        return zip(ticks, TickText.texts(ticks, unit: .nanoseconds)).map {
            (scale.share($0), $1)
        }
    }

    /// The events of the timeline, as lines.
    func drawEvents(on plot: inout Plot) {
        for event in timeline.prefix(Self.eventsMax) {
            let x = scale.share(Double(event.atNs))
            plot.line(x1: x, y1: 0, x2: x, y2: plot.height, "event", tip: Self.words(event))
        }
    }

    static let eventsMax = 60

    static func words(_ event: TimelineReport) -> String {
        let subject = event.subject.map { " \($0)" } ?? ""
        let detail = event.detail.map { ": \($0)" } ?? ""
        return "\(UnitText.time(ns: event.atNs)) \(event.event)\(subject)\(detail)"
    }

    /// The names of the events, as far as they do not overlap.
    func drawEventNames(on plot: inout Plot) {
        var taken = -1.0
        for event in timeline.prefix(Self.eventsMax) {
            let x = scale.share(Double(event.atNs))
            guard x > taken + 0.13 else { continue }
            taken = x
            let name = event.event + (event.subject.map { " \($0)" } ?? "")
            plot.text(
                ShortName.of(name, 18), x: x, y: -6, x > 0.9 ? "event-name end" : "event-name",
                tip: Self.words(event))
        }
    }
}
