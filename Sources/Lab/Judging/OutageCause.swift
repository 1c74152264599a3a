import Impairment
import Plans

/// A period in which a part of the run kept probes from being answered. Times are monotonic.
struct OutageCause: Sendable, Equatable {
    var fromNs: Int64
    /// The end; nil if the cause lasted to the end of the run.
    var untilNs: Int64?
    /// The instance of the responder; nil for a cause that affects all flows.
    var instance: Int?

    init(fromNs: Int64, untilNs: Int64?, instance: Int? = nil) {
        self.fromNs = fromNs
        self.untilNs = untilNs
        self.instance = instance
    }

    init(_ absence: ResponderAbsence, instance: Int) {
        self.init(fromNs: absence.fromNs, untilNs: absence.untilNs, instance: instance)
    }

    /// Returns the windows of the networks that a relay had, one after the other.
    /// - Parameters:
    ///   - networks: The impairments and their start times, in the order of time.
    ///   - originNs: The time to which the windows of a plan are relative.
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

    /// Returns the outages caused by a retry policy that closed the responder's port.
    /// - Parameters:
    ///   - endedNs: The times at which the policy did so.
    ///   - events: The timeline's events for the instance, in the order of time: a new process
    ///     opens the port again.
    static func ends(
        _ endedNs: [Int64], events: [ConductedEvent], instance: Int
    ) -> [OutageCause] {
        endedNs.map { timeNs in
            let next = events.first { $0.event.action == .start && $0.atNs > timeNs }
            return OutageCause(fromNs: timeNs, untilNs: next?.atNs, instance: instance)
        }
    }
}
