/// The send times of a stream: how its datagrams arrive, and the rate over time.
///
/// A schedule with a seed is the same in every run: `SlotTimes` in `Loops` computes it.
package struct SendSchedule: Codable, Sendable, Equatable {
    /// The distances between the datagrams of a stream.
    package enum Arrivals: Codable, Sendable, Equatable {
        /// Equal distances, and the flows in turn.
        case constant
        /// Each flow is a Poisson process of its own (RFC 2330 §11.1.1): the distances of its
        /// datagrams are exponential and independent.
        case poisson
        /// A flow's datagrams in bursts of so many at once, and the bursts at equal distances.
        case bursts(Int)
        /// The times of a file, from the start of each round, at which each flow sends one.
        case trace(Trace)
    }

    /// The times of a trace.
    package struct Trace: Codable, Sendable, Equatable {
        /// The offsets in ascending order.
        package var offsetsNs: [Int64]
        /// The length of a round, after which the offsets begin again.
        package var roundNs: Int64

        package init(offsetsNs: [Int64], roundNs: Int64) {
            precondition(
                !offsetsNs.isEmpty && roundNs >= (offsetsNs.last ?? 0) && roundNs > 0,
                "a round of 1 ns or more, and all offsets in it")
            self.offsetsNs = offsetsNs
            self.roundNs = roundNs
        }

        package var pps: Double { Double(offsetsNs.count) * 1e9 / Double(roundNs) }
    }

    /// A part of a stream with figures of its own.
    package struct Stage: Codable, Sendable, Equatable {
        package var lengthNs: Int64
        /// The datagrams per second of each flow.
        package var pps: Double

        package init(lengthNs: Int64, pps: Double) {
            self.lengthNs = lengthNs
            self.pps = pps
        }
    }

    package var arrivals: Arrivals
    /// The rate over time; nil where it does not change.
    package var profile: RateProfile?
    /// The stages, of which the profile is made; empty without stages.
    package var stages: [Stage]
    /// The seed of random times.
    package var seed = 0

    package init(
        _ arrivals: Arrivals = .constant, profile: RateProfile? = nil, stages: [Stage] = []
    ) {
        self.arrivals = arrivals
        self.profile = profile
        self.stages = stages
    }

    package static let constant = SendSchedule()

    /// Whether the datagrams of a stream are due at equal distances.
    package var isUniform: Bool { arrivals == .constant && profile == nil }

    /// The datagrams of a flow that are due at one time.
    package var burst: Int { if case .bursts(let size) = arrivals { size } else { 1 } }

    /// The greatest number of datagrams of a flow that can be due beyond its mean rate: those of a
    /// burst, or of a round of a trace.
    package var datagramsAhead: Int {
        if case .trace(let trace) = arrivals { trace.offsetsNs.count } else { burst }
    }

    /// The greatest rate of a flow, where `pps` is the one in the plan.
    package func peakPps(of pps: Double) -> Double {
        if case .trace(let trace) = arrivals { return trace.pps }
        return profile?.peakPps ?? pps
    }

    /// Returns the mean rate of a flow over a time, where `pps` is the one in the plan.
    package func meanPps(of pps: Double, overNs ns: Int?) -> Double {
        if case .trace(let trace) = arrivals { return trace.pps }
        guard let profile else { return pps }
        let ns = ns.map(Double.init) ?? Double(profile.lengthNs)
        return profile.datagrams(byNs: ns) / ns * 1e9
    }
}
