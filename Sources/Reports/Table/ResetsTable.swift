import Metrics

/// The survivors of resets, and the outages with their lengths.
///
///     resets: survivors
///       run                      policy   resets  failed steps   first at  up until
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
    /// The maximum number of responders, and of streams with outages, that are shown.
    private static let rowsShown = 24
    private static let responderHeads = [
        "policy", "resets", "failed steps", "first at", "up until",
    ]
    private static let outageHeads = ["from", "to", "for", "noticed", "back"]

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
        var table = TextTable([.name("run")] + Self.responderHeads.map { .figure($0) })
        for (name, resets) in seen.prefix(Self.rowsShown) {
            table.add([
                name, resets.policy, UnitText.shortCount(resets.seen),
                UnitText.shortCount([resets.timesNs.count, resets.timesLeftOut].clampedSum),
                UnitText.time(ns: resets.timesNs.first.map(Double.init)), resets.livedUntil,
            ])
        }
        return [style(.bold, "resets: survivors")] + table.lines(width: width, style: style).all
            + more(seen.count - Self.rowsShown, "responders") + [""]
    }

    /// Returns the outages that an event, a window of the network or a reset explains, and a line
    /// on the others: at random losses every few hundred probes look like a short outage.
    private func outages(_ runs: [RunReport]) -> [String] {
        let streams = runs.flatMap { run in run.streams.map { (run.title, $0) } }
        let struck = streams.filter { $0.1.resets.outages.contains(where: \.isExplained) }
        var table = TextTable([.name("run and stream")] + Self.outageHeads.map { .figure($0) })
        for (title, stream) in struck.prefix(Self.rowsShown) {
            let outages = stream.resets.outages.filter(\.isExplained)
            for outage in outages.prefix(Self.outagesShown) {
                let instance = outage.instance.map { " at #\($0)" } ?? ""
                table.add(["\(title): \(stream.sender)\(instance)"] + outage.cells)
            }
            let left = outages.count - Self.outagesShown
            guard left > 0 else { continue }
            table.add(
                ["  and \(UnitText.count(left)) more of it"] + outages[0].cells.map { _ in "" })
        }
        let title = "outages: from the first probe without an answer to the next with one"
        let rows = table.lines(width: width, style: style).all
        let listed =
            rows.isEmpty
            ? []
            : [style(.bold, title)] + rows
                + more(struck.count - Self.rowsShown, "streams with outages")
        let others = unexplained(streams.map(\.1))
        return listed.isEmpty && others.isEmpty ? [] : listed + others + [""]
    }

    private func unexplained(_ streams: [StreamReport]) -> [String] {
        let others = streams.flatMap(\.resets.outages).filter { !$0.isExplained }
        let leftOut = streams.map(\.resets.outagesLeftOut).clampedSum
        let count = [others.count, leftOut].clampedSum
        guard count > 0 else { return [] }
        let lengths = others.compactMap { Elapsed(from: $0.startNs, to: $0.endNs) }
        let longest = lengths.max().map { ", the longest for \(UnitText.time($0))" } ?? ""
        let open = others.count { $0.endNs == nil }
        let end = open > 0 ? ", \(UnitText.count(open)) of them until the end" : ""
        return TerminalText.sentence(
            "\(UnitText.count(count)) \(count == 1 ? "gap" : "gaps") in the answers that no event "
                + "and no reset explains\(longest)\(end): losses, which `loss` counts",
            indent: 0, width: min(width, ReportTable.widthMax))
    }

    private func more(_ count: Int, _ noun: String) -> [String] {
        count > 0 ? ["  and \(UnitText.count(count)) more \(noun)"] : []
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
    /// Whether an event, a window of the network or a reset is known to have to do with it.
    fileprivate var isExplained: Bool { causeNs != nil || detectedNs != nil }

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
