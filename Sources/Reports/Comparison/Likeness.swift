/// The likeness of two reports: the streams that both have, and whether the same was sent to the
/// same kind of responder. The plans may differ in everything else.
struct Likeness {
    /// A stream of a scenario on a network.
    struct Place: Hashable {
        let scenario: String
        let network: String
        let sender: String

        var text: String {
            TerminalText.harmless("\(scenario) on \(network), \(sender)")
        }
    }

    /// The streams of both reports, in the order of the baseline.
    let common: [Place]
    /// A sentence for each common stream to which another load was sent.
    let differences: [String]
    /// A sentence for each network of common streams that is set up in another way. To compare two
    /// set-ups of a network is legal, but has to be seen.
    let changedNetworks: [String]
    /// A sentence for each common stream whose load is sent in another way, which has to be seen.
    let changedManners: [String]
    /// A sentence for each stream that only the baseline has.
    let missing: [String]
    /// A sentence for each stream that only the other report has.
    let added: [String]

    /// The reasons not to compare the reports; empty for reports of the same load.
    var refusals: [String] {
        guard common.isEmpty, !missing.isEmpty, !added.isEmpty else { return differences }
        return ["no stream is in both"] + missing + added
    }

    init(_ baseline: ComparedReport, _ candidate: ComparedReport) {
        let (before, after) = (baseline.places, candidate.places)
        let (a, b) = (baseline.path, candidate.path)
        var differences: [String] = []
        missing = before.filter { !after.contains($0) }.map { "\($0.text): not in \(b)" }
        added = after.filter { !before.contains($0) }.map { "\($0.text): not in \(a)" }
        common = before.filter(after.contains)
        for place in common {
            guard let old = baseline.load(place), let new = candidate.load(place) else { continue }
            var changes = Self.changes(old, new)
            if let asked = baseline.asked, let others = candidate.asked {
                changes += asked.loadKeys(of: place, unlike: others).map { "another \"\($0)\"" }
            }
            if !changes.isEmpty {
                differences.append(
                    "\(place.text): " + changes.joined(separator: ", ") + " in \(b)")
            }
        }
        self.differences = differences
        changedManners = common.compactMap { place in
            guard let asked = baseline.asked, let others = candidate.asked else { return nil }
            let keys = asked.mannerKeys(of: place, unlike: others).map { "\"\($0)\"" }
            guard !keys.isEmpty else { return nil }
            return "\(place.text): sent in another way in \(b): \(keys.joined(separator: ", "))"
        }
        changedNetworks = common.map(\.network).inFirstOrder.compactMap { name in
            guard let old = baseline.networks?[name], let new = candidate.networks?[name],
                old != new
            else { return nil }
            return TerminalText.harmless("network \(name): set up in another way in \(b)")
        }
    }

    private static func changes(
        _ old: ComparedStream.Load, _ new: ComparedStream.Load
    ) -> [String] {
        func rate(_ load: ComparedStream.Load) -> String {
            load.intendedPps.map { UnitText.packetRate($0) } ?? "max"
        }
        var changes: [String] = []
        if old.payloadBytes != new.payloadBytes {
            changes.append("payload \(new.payloadBytes) B and not \(old.payloadBytes) B")
        }
        if old.intendedPps != new.intendedPps {
            changes.append("rate \(rate(new)) and not \(rate(old))")
        }
        if old.responder != new.responder {
            changes.append("responder \(new.responderText) and not \(old.responderText)")
        }
        if old.flows != new.flows { changes.append("flows \(new.flows) and not \(old.flows)") }
        if old.timeoutNs != new.timeoutNs {
            changes.append(
                "timeout \(UnitText.time(ns: new.timeoutNs)) and not "
                    + UnitText.time(ns: old.timeoutNs))
        }
        changes += old.shown.keys.sorted().filter { key in
            new.shown[key].map { $0 != old.shown[key] } ?? false
        }.map { "another \"\($0)\"" }
        return changes
    }
}

extension ComparedReport {
    fileprivate var places: [Likeness.Place] {
        runs.flatMap { run in
            run.streams.map {
                Likeness.Place(scenario: run.scenario, network: run.network, sender: $0.sender)
            }
        }.inFirstOrder
    }

    fileprivate func load(_ place: Likeness.Place) -> ComparedStream.Load? {
        runs(at: place).lazy.compactMap { $0.stream(of: place.sender)?.load }.first
    }
}
