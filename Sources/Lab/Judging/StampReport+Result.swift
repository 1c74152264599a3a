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
        if stamp.untoldFlows > 0 {
            let flows = stamp.untoldFlows == 1 ? "flow" : "flows"
            notes.append(
                "which way the losses of \(stamp.untoldFlows) \(flows) were cannot be told: the "
                    + "answers to the last probes were lost too, so that the reflector's numbers "
                    + "of them are not known")
        }
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
}
