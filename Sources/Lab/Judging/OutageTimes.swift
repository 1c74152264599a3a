import Metrics
import Reports

/// The outages of a stream in a report, with their start causes and the times until detection and
/// recovery.
///
/// The start cause of an outage is the first cause that was effective in it, and not after its
/// detection: an outage may have several overlapping causes, and a reset before a kill was not
/// caused by the kill. Without a known cause the outage began with its first probe.
struct OutageTimes: Sendable {
    let outages: [Outage]
    /// The causes in any order.
    let causes: [OutageCause]
    /// The time to which the times of the report are relative.
    let originNs: Int64
    /// The number of the responder's instances.
    let instances: Int

    private struct Causes {
        var first: OutageCause?
        /// The end of the last end cause; nil if one did not end, or there is none.
        var returnedNs: Int64?
    }

    /// The longest time from an outage's start cause to its first reset; nil if none had a reset.
    var timeToDetect: Elapsed? { longest(\.detectedNs) }

    /// The longest time from an outage's start cause to the first answer after it; nil if there was
    /// no answer.
    var timeToRecover: Elapsed? { longest(\.recoveredNs) }

    /// A sentence for each detection or recovery that precedes its cause, so that its time is
    /// unknown.
    var warnings: [String] {
        [("detect", \Outage.detectedNs), ("recover", \Outage.recoveredNs)].compactMap {
            name, sign in
            let unknown = outages.count {
                $0[keyPath: sign] != nil && elapsed($0, to: sign) == nil
            }
            guard unknown > 0 else { return nil }
            let what = unknown == 1 ? "one outage" : "\(unknown) outages"
            return "the time to \(name) of \(what) is not known: its sign came before its cause"
        }
    }

    func reports() -> [OutageReport] {
        outages.map { outage in
            let causes = causes(of: outage)
            return OutageReport(
                startNs: sinceOrigin(outage.startNs), endNs: outage.endNs.map(sinceOrigin),
                detectedNs: outage.detectedNs.map(sinceOrigin),
                recoveredNs: outage.recoveredNs.map(sinceOrigin), flows: outage.flows,
                probes: outage.probes, causeNs: causes.first.map { sinceOrigin($0.fromNs) },
                returnedNs: causes.returnedNs.map(sinceOrigin),
                instance: instances > 1 ? outage.part + 1 : nil)
        }
    }

    private func sinceOrigin(_ timeNs: Int64) -> Int64 { timeNs - originNs }

    /// Returns the longest time; nil if one is unknown, because the longest of the others need not
    /// be the longest of all.
    private func longest(_ sign: KeyPath<Outage, Int64?>) -> Elapsed? {
        var longest: Elapsed?
        for outage in outages where outage[keyPath: sign] != nil {
            guard let elapsed = elapsed(outage, to: sign) else { return nil }
            longest = max(longest ?? elapsed, elapsed)
        }
        return longest
    }

    private func elapsed(_ outage: Outage, to sign: KeyPath<Outage, Int64?>) -> Elapsed? {
        Elapsed(
            from: causes(of: outage).first?.fromNs ?? outage.startNs, to: outage[keyPath: sign])
    }

    private func causes(of outage: Outage) -> Causes {
        let present = causes.filter { cause in
            (cause.instance ?? outage.part) == outage.part
                && cause.fromNs <= outage.endNs ?? .max
                && cause.untilNs ?? .max >= outage.startNs
        }
        guard let first = present.min(by: { $0.fromNs < $1.fromNs }) else { return Causes() }
        let isBeforeSign = first.fromNs <= outage.detectedNs ?? .max
        let isOver = !present.contains { $0.untilNs == nil }
        return Causes(
            first: isBeforeSign ? first : nil,
            returnedNs: isOver ? present.compactMap(\.untilNs).max() : nil)
    }
}
