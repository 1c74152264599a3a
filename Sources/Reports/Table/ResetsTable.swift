import Metrics

/// The survivors of resets, and the outages with their lengths.
///
///     resets: who lived
///       run                      policy   resets  failed steps   first at  lived until
///       none on here               none        1             1     401 ms       401 ms
///       always on here           always       30            15     401 ms      the end
///
///     outages: from the first probe without an answer to the next with one
///       run and stream                       from        to      for  noticed     back
///       none on here: healthy              405 ms   the end        –  51.1 µs        –
///       killed on here: calls              1.01 s    2.53 s   1.52 s  4.30 ms  19.9 ms
///
/// The time `noticed` is from the start cause of an outage, if known, else from its first probe;
/// the time `back` is from the end cause.
struct ResetsTable {
    /// The maximum number of outages of a stream that are shown; the report has all of them.
    private static let outagesShown = 6
    private static let responderHeads = [
        "policy", "resets", "failed steps", "first at", "lived until",
    ]
    private static let responderWidths = [9, 9, 14, 11, 13]
    private static let outageHeads = ["from", "to", "for", "noticed", "back"]
    private static let outageWidths = [10, 10, 9, 9, 9]

    let width: Int
    let style: TerminalStyle

    func lines(of runs: [RunReport]) -> [String] {
        responders(runs) + outages(runs)
    }

    /// Returns the rows of responders. Once one responder has had a reset, each that faced
    /// ephemeral-port senders has a row, even without resets.
    private func responders(_ runs: [RunReport]) -> [String] {
        let seen = runs.flatMap { run in
            let isStruck = run.streams.contains { $0.kind == .hitAndRun }
            return run.answering.filter { isStruck || $0.resets.seen > 0 }
        }
        guard seen.contains(where: { $0.resets.seen > 0 }) else { return [] }
        let rows = seen.map { name, resets in
            row(
                name,
                [
                    resets.policy, UnitText.shortCount(resets.seen),
                    UnitText.shortCount(resets.timesNs.count + resets.timesLeftOut),
                    UnitText.time(ns: resets.timesNs.first.map(Double.init)),
                    resets.livedUntil,
                ], Self.responderWidths)
        }
        return head("resets: who lived", "run", Self.responderHeads, Self.responderWidths) + rows
            + [""]
    }

    private func outages(_ runs: [RunReport]) -> [String] {
        let streams = runs.flatMap { run in run.streams.map { (run.title, $0) } }
            .filter { !$0.1.resets.outages.isEmpty }
        guard !streams.isEmpty else { return [] }
        return head(
            "outages: from the first probe without an answer to the next with one",
            "run and stream", Self.outageHeads, Self.outageWidths)
            + streams.flatMap(rows) + [""]
    }

    private func rows(_ title: String, _ stream: StreamReport) -> [String] {
        let outages = stream.resets.outages
        let shown = outages.prefix(Self.outagesShown).map { outage in
            let name = "\(title): \(stream.sender)" + (outage.instance.map { " at #\($0)" } ?? "")
            return row(name, outage.cells, Self.outageWidths)
        }
        let left = outages.count - shown.count + stream.resets.outagesLeftOut
        return left == 0 ? shown : shown + ["    and \(UnitText.count(left)) more of it"]
    }

    private func head(
        _ title: String, _ name: String, _ heads: [String], _ widths: [Int]
    ) -> [String] {
        [style(.bold, title), style(.dim, row(name, heads, widths))]
    }

    private func row(_ name: String, _ cells: [String], _ widths: [Int]) -> String {
        let room = width - widths.reduce(0, +) - 2
        let name = TerminalText.elided(TerminalText.harmless(name), to: room - 1)
        return "  " + TerminalText.left(name, room)
            + zip(cells, widths).map { TerminalText.right($0, $1) }.joined()
    }
}

private let theEnd = "the end"

extension RunReport {
    /// The resets of each of a run's responders: of the instances, if there are several.
    fileprivate var answering: [(name: String, resets: ResponderResetsReport)] {
        guard responders.isEmpty else {
            return responders.enumerated().compactMap { index, instance in
                instance.resets.map { ("\(title): #\(index + 1)", $0) }
            }
        }
        return responder?.resets.map { [(title, $0)] } ?? []
    }
}

extension ResponderResetsReport {
    /// The time until which the responder survived by its policy: the end of the last of its
    /// threads.
    fileprivate var livedUntil: String {
        responderAlive ? theEnd : UnitText.time(ns: endedNs.max().map(Double.init))
    }
}

extension OutageReport {
    /// The cells of an outage. The detection time is from the start cause, and the recovery time
    /// from the end cause, as far as they are known.
    fileprivate var cells: [String] {
        [
            UnitText.time(ns: Double(startNs)),
            endNs.map { UnitText.time(ns: Double($0)) } ?? theEnd,
            UnitText.time(Elapsed(from: startNs, to: endNs)),
            UnitText.time(Elapsed(from: causeNs ?? startNs, to: detectedNs)),
            UnitText.time(Elapsed(from: returnedNs, to: recoveredNs)),
        ]
    }
}
