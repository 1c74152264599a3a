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
    /// The offset by what the synchronization of both hosts states.
    var stated = StatedOffset.Finding.unknown

    /// The knowledge of a clock over a run.
    struct Shift: Sendable {
        /// By how much it was ahead of the runner's.
        var aheadNs: Int64 = 0
        /// The largest error of that.
        var errorNs: Int64 = 0
        var source = OneWayDelays.Source.exchange
    }

    /// Returns by how much the workers' clocks were ahead of the runner's over a run: by the
    /// exchanges or by what both hosts state, whichever has the smaller error; nil without an
    /// exchange.
    ///
    /// What the exchanges show for the middle of the run is exact up to their bound; the drift over
    /// the run is on both sides of that. What the hosts state holds throughout.
    /// - Parameter name: The name of the other host.
    /// - Returns: Also the reason why a statement of both hosts is not believed.
    func shift(
        from startNs: Int64, to endNs: Int64, named name: String
    ) -> (shift: Shift, refusal: String?)? {
        let times = [startNs + (endNs - startNs) / 2, startNs, endNs]
        let exchanged = times.compactMap { exchanges.offset(atNs: $0) }
        guard exchanged.count == times.count else { return nil }
        let driftNs = exchanged.map { abs($0.offsetNs &- exchanged[0].offsetNs) }.max() ?? 0
        let shift = Shift(
            aheadNs: exchanged[0].offsetNs &- usedOffsetNs,
            errorNs: exchanged[0].errorNs + driftNs)
        let checked = StatedOffset.checked(stated, against: exchanged, named: name)
        guard let stated = checked.stated, stated.errorNs < shift.errorNs else {
            return (shift, checked.refusal)
        }
        return (
            Shift(
                aheadNs: stated.offsetNs &- usedOffsetNs, errorNs: stated.errorNs,
                source: stated.source),
            nil
        )
    }

    /// Returns by how much the workers' clocks were ahead of the runner's at a time, and the
    /// largest error.
    func ahead(atNs: Int64) -> (ns: Int64, errorNs: Int64)? {
        exchanges.offset(atNs: atNs).map { ($0.offsetNs &- usedOffsetNs, $0.errorNs) }
    }
}
