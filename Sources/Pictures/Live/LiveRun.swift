import Metrics
import Reports

/// The run that is under way.
package struct LiveRun: Sendable {
    let title: String
    private let warmUpNs: Int64
    private(set) var streams: [LiveStream]
    /// The planned events.
    let timeline: [TimelineReport]
    /// The trial of a battery.
    package var trial: String?
    /// The time of the first measured slot.
    private var zeroNs: Int64?

    /// Makes a run.
    /// - Parameter senders: The names of the senders, and whether each awaits no answer.
    package init(
        title: String, warmUpNs: Int, senders: [(name: String, isOneWay: Bool)],
        timeline: [TimelineReport]
    ) {
        self.title = title
        self.warmUpNs = Int64(warmUpNs)
        self.timeline = timeline
        streams = senders.map {
            LiveStream(sender: $0.name, isOneWay: $0.isOneWay, hasWarmUp: warmUpNs > 0)
        }
    }

    /// Takes a message of a sender's worker. Its first one comes with the start order, some
    /// hundredths of a second before the first slot.
    package mutating func read(_ figures: LiveFigures, sender: Int, atNs: Int64) {
        guard streams.indices.contains(sender) else { return }
        let zeroNs = zeroNs ?? atNs + warmUpNs
        self.zeroNs = zeroNs
        streams[sender].read(figures, atNs: Int(atNs - zeroNs))
    }
}
