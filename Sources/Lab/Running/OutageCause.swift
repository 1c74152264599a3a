import Impairment
import Plans

/// A time in which something of the run kept probes from being answered. Times are monotonic.
struct OutageCause: Sendable, Equatable {
    var fromNs: Int64
    /// Nil when it lasted to the end of the run.
    var untilNs: Int64?
    /// Of the responder; nil for what all flows meet.
    var instance: Int?

    init(fromNs: Int64, untilNs: Int64?, instance: Int? = nil) {
        self.fromNs = fromNs
        self.untilNs = untilNs
        self.instance = instance
    }

    init(_ absence: ResponderAbsence, instance: Int) {
        self.init(fromNs: absence.fromNs, untilNs: absence.untilNs, instance: instance)
    }

    /// The windows of the networks that a relay was given, one after the other.
    /// - Parameters:
    ///   - networks: What the relay did and since when, in the order of time.
    ///   - originNs: What the windows of a plan count from.
    static func windows(
        of networks: [(impairments: Impairments, sinceNs: Int64)], originNs: Int64
    ) -> [OutageCause] {
        networks.indices.flatMap { index -> [OutageCause] in
            let (impairments, sinceNs) = networks[index]
            let untilNs = index + 1 < networks.count ? networks[index + 1].sinceNs : Int64.max
            let windows =
                impairments.forward.blackholes + impairments.forward.refusals
                + impairments.backward.blackholes
            return windows.compactMap { window in
                let fromNs = max(originNs + window.fromNs, sinceNs)
                let endNs = min(originNs + window.untilNs, untilNs)
                return fromNs < endNs ? OutageCause(fromNs: fromNs, untilNs: endNs) : nil
            }
        }
    }

    /// What a retry policy brought about that closed the responder's port.
    /// - Parameters:
    ///   - endedNs: When it did.
    ///   - events: What the timeline did to the instance, in the order of time: a new process
    ///     has a port again.
    static func ends(
        _ endedNs: [Int64], events: [ConductedEvent], instance: Int
    ) -> [OutageCause] {
        endedNs.map { timeNs in
            let next = events.first { $0.event.action == .start && $0.atNs > timeNs }
            return OutageCause(fromNs: timeNs, untilNs: next?.atNs, instance: instance)
        }
    }
}
