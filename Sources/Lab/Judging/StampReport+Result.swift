import Loops
import Reports

extension StampReport {
    /// The sessions of a stream, with both one-way delays.
    init(_ result: StampResult) {
        self.init(
            stateful: result.isStateful, untoldFlows: result.untoldFlows, absurd: result.absurd,
            ownErrorNs: result.ownErrorNs.map(Int.init),
            farErrorNs: result.farErrorNs.map(Int.init),
            oneWay: result.oneWay)
        lossSplitBy = result.splitBy
        contradictoryFlows = result.contradictoryFlows
        extensions = result.facts.map { Facts($0.counts, $0.timestamping) }
    }
}

extension RunAssembly {
    /// Sentences on what the answers of STAMP reflectors do not tell, or contradict.
    var stampNotes: [String] {
        outcome.senders.flatMap { member -> [String] in
            guard let result = member.result?.sender, let stamp = result.stamp else { return [] }
            let settings = outcome.identity.network.stamp(of: scenario.responder)
            let ofKey = settings?.keyFile == nil ? nil : Self.noteOnKey(result)
            return ([ofKey].compactMap(\.self) + Self.notes(stamp)).map {
                "\(member.name): \($0)"
            }
        }
    }

    /// Returns a sentence on a key that the reflector seems not to have.
    private static func noteOnKey(_ result: SenderResult) -> String? {
        if result.rejected.corrupt > 0 {
            return "the HMAC of \(UnitText.count(result.rejected.corrupt)) answers does not hold: "
                + "has the reflector the same key?"
        }
        guard result.accounts.sent > 0, result.figures.received == 0 else { return nil }
        return "nothing was answered in authenticated mode: a reflector with another key, or with "
            + "none, is silent"
    }

    private static func notes(_ stamp: StampResult) -> [String] {
        var notes: [String] = []
        let endless = stamp.untoldFlows - stamp.continuedFlows
        if endless > 0 {
            notes.append(
                "which way the losses of \(flows(endless)) were cannot be told: the answers to the "
                    + "last probes were lost too, so that the reflector's numbers of them are not "
                    + "known, or its counters do not fit")
        }
        if stamp.continuedFlows > 0 {
            notes.append(
                "which way the losses of \(flows(stamp.continuedFlows)) were cannot be told: no "
                    + "answer has the number 0, so that the reflector may have gone on from those "
                    + "of the warm-up; leave \"warm_up\" out at a reflector without session "
                    + "identifiers")
        }
        if stamp.contradictoryFlows > 0 {
            notes.append(
                "the reflector's numbers and its counters tell different losses of "
                    + "\(flows(stamp.contradictoryFlows)): the loss is not split by direction")
        }
        if let facts = stamp.facts { notes += Self.notes(facts) }
        switch stamp.oneWay.absence {
        case .absurd:
            notes.append(
                "the reflector's times contradict each other (\(UnitText.count(stamp.absurd)) "
                    + "answers), or its clock was stepped: there is no one-way delay")
        case .contradiction:
            notes.append(
                "the clocks of both ends differ by more than both say: there is no one-way delay; "
                    + "a reflector whose PTP clock keeps TAI is 37 s ahead")
        case .noExchange, .imprecise, nil: break
        }
        return notes
    }

    /// Returns sentences on the TLVs of the answers that told nothing.
    private static func notes(_ facts: ReflectedFacts) -> [String] {
        let counts = facts.counts
        var notes: [String] = []
        func note(_ count: Int, _ reason: String) {
            guard count > 0 else { return }
            notes.append("\(UnitText.count(count)) answers do not tell all extensions: \(reason)")
        }
        note(counts.unrecognized, "the reflector has not understood them")
        note(counts.malformed, "the reflector calls them malformed")
        note(counts.unauthentic, "their HMAC does not hold")
        note(counts.altered, "they are not those that were sent")
        if let codes = facts.timestamping?.unknownCodes, !codes.isEmpty {
            let values = codes.map(String.init).joined(separator: ", ")
            notes.append(
                "the reflector tells of its timestamps by values that RFC 8972 does not have: "
                    + values)
        }
        return notes
    }

    private static func flows(_ count: Int) -> String { count == 1 ? "1 flow" : "\(count) flows" }
}
