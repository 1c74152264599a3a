import Metrics

/// The offset of another host's monotonic clock by what the synchronization of both hosts states:
/// if both wall clocks are right up to an error, the monotonic ones differ as their distances from
/// the wall clocks do, up to the sum of the errors.
struct StatedOffset: Sendable, Equatable {
    /// The other clock minus the runner's.
    let offsetNs: Int64
    /// The sum of the largest errors of both.
    let errorNs: Int64
    /// `ptp` if both hosts have a hardware clock as their reference, else `ntp`.
    let source: OneWayDelays.Source

    /// The offset, or the reason why there is none: a sentence.
    enum Finding: Sendable, Equatable {
        case stated(StatedOffset)
        case refused(String)
        /// Nobody has said anything.
        case unknown

        var stated: StatedOffset? { if case .stated(let offset) = self { offset } else { nil } }
        var refusal: String? { if case .refused(let why) = self { why } else { nil } }
    }

    /// Returns what the statements of the runner's host and of another one say together.
    /// - Parameter name: The name of the other host.
    static func of(here: ClockStatement?, there: ClockStatement?, named name: String) -> Finding {
        guard let here, let there else { return .unknown }
        if let doubt = here.doubt { return .refused("this host \(doubt)") }
        if let doubt = there.doubt { return .refused("host \"\(name)\" \(doubt)") }
        let (offsetNs, isTooFar) = here.wallAheadNs.subtractingReportingOverflow(there.wallAheadNs)
        guard let ownNs = here.errorNs, let farNs = there.errorNs, !isTooFar else {
            return .unknown
        }
        let errorNs = ownNs + farNs + here.readErrorNs + there.readErrorNs
        return .stated(
            StatedOffset(
                offsetNs: offsetNs, errorNs: errorNs,
                source: here.isPTP && there.isPTP ? .ptp : .ntp))
    }

    /// Whether an offset that exchanges of times show is possible: both intervals intersect.
    func agrees(with exchange: (offsetNs: Int64, errorNs: Int64)) -> Bool {
        let (apartNs, overflow) = offsetNs.subtractingReportingOverflow(exchange.offsetNs)
        return !overflow && apartNs.magnitude <= UInt64(errorNs + exchange.errorNs)
    }

    /// Returns the finding with the offsets that exchanges of times show, which it must not
    /// contradict.
    static func checked(
        _ finding: Finding, against exchanges: [(offsetNs: Int64, errorNs: Int64)],
        named name: String
    ) -> Finding {
        guard case .stated(let offset) = finding,
            let other = exchanges.first(where: { !offset.agrees(with: $0) })
        else { return finding }
        return .refused(
            "this host and host \"\(name)\" say that their clocks agree within "
                + "\(offset.errorNs) ns, and the exchanges of times show that they are at least "
                + "\((offset.offsetNs &- other.offsetNs).magnitude - UInt64(other.errorNs)) ns apart"
        )
    }
}
