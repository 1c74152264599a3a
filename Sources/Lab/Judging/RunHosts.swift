import Metrics
import Plans

/// The other hosts of a run as far as its layout depends on them.
struct RunHosts: Sendable {
    /// A host when the run was laid out.
    struct Host: Sendable {
        /// The offset of its clock, by which the clocks of its workers are shifted.
        let clock: PlaceClock
        /// The processors that its workers may use.
        let cpus: Int
    }

    /// The largest drift of two clocks that is counted with until it is measured: both are slewed,
    /// in opposite directions.
    private static let drift = 2 * ClockExchanges.driftLimit

    private let hosts: [String: Host]

    static let none = RunHosts([:])

    init(_ hosts: [String: Host]) { self.hosts = hosts }

    /// Returns a host; nil for the runner's own.
    subscript(_ name: String?) -> Host? { name.flatMap { hosts[$0] } }

    /// Returns the largest error between the clocks of two hosts for a time after the layout; 0
    /// on one host.
    func clockErrorNs(_ one: String?, _ other: String?, forNs lengthNs: Int64) -> Int64 {
        guard one != other else { return 0 }
        let errorNs = [one, other].reduce(0) { $0 + (self[$1]?.clock.errorNs ?? 0) }
        return errorNs + Int64(Double(lengthNs) * Self.drift)
    }
}

/// The clock of a host over a run, as its exchanges of times show it afterwards.
struct RunClock: Sendable {
    /// The offset by which the clocks of its workers were shifted.
    let usedOffsetNs: Int64
    let exchanges: ClockExchanges

    /// Returns by how much the workers' clocks were ahead of the runner's at a time, and the
    /// largest error.
    func ahead(atNs: Int64) -> (ns: Int64, errorNs: Int64)? {
        exchanges.offset(atNs: atNs).map { ($0.offsetNs &- usedOffsetNs, $0.errorNs) }
    }
}
