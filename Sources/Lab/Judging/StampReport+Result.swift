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
            guard let stamp = member.result?.sender?.stamp else { return [] }
            return Self.notes(stamp).map { "\(member.name): \($0)" }
        }
    }

    static func notes(_ stamp: StampResult) -> [String] {
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
