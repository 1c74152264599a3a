import Datagrams
import Metrics
import STAMP

/// The facts in the answers of a STAMP reflector beside its times: TLVs, and losses by direction.
extension SenderLoop where Kernel: ~Copyable, Content == StampContent {
    /// Takes the facts in the TLVs of the first answer to a probe.
    mutating func takeFacts(
        of answer: TestPacket.Answer, in slot: UnsafeRawPointer, flow: Int, sequence: UInt64
    ) {
        guard content.packet.asks else { return }
        let returned = content.packet.extensions(slot, of: answer)
        stamps.facts.record(returned, sent: phase.sender.options.trafficClass)
        if let told = returned.counters {
            stamps.record(flow: flow, sequence: sequence, told)
        }
    }

    /// Returns the counters in an answer; nil if it does not tell them.
    func counters(
        of answer: TestPacket.Answer, in slot: UnsafeRawPointer
    ) -> ReturnedExtensions.Counters? {
        guard content.packet.asksCounters else { return nil }
        return content.packet.extensions(slot, of: answer).counters
    }

    // MARK: - After `run`

    /// The losses of the flows by direction.
    package var stampLosses: StampLosses {
        var losses = StampLosses()
        let areNumbersSeparate = hasSeparateSession { stamps.numbers[$0].beginsAtZero }
        let usual = usualBegin
        for flow in 0..<phase.flows {
            let (numbers, counters) = (stamps.numbers[flow], stamps.counters[flow])
            let sent = Int(sequences[flow] - phase.firstSequence)
            let answered = windows[flow].received
            let isWhole = areNumbersSeparate || numbers.beginsAtZero
            losses.isCounted = losses.isCounted || numbers.isCounted
            losses.hasCounters = losses.hasCounters || counters.isTold
            losses.add(
                numbers: isWhole || answered == sent
                    ? numbers.losses(sent: sent, answered: answered) : nil,
                counters: counters.losses(sent: sent, answered: answered, usual: usual))
            if !isWhole, answered < sent { losses.continuedFlows += 1 }
        }
        return losses
    }

    /// Whether the reflector begins each session on its own: there was no warm-up, or a session
    /// after an answered warm-up of the same flow is one of its own. A reflector without session
    /// identifiers goes on with the warm-up's.
    private func hasSeparateSession(_ isOwn: (Int) -> Bool) -> Bool {
        guard phase.warmUpSession != nil else { return true }
        // A counter that leaves the present packet out is 1 after a single one.
        return phase.warmUpReceived.indices.contains { phase.warmUpReceived[$0] > 1 && isOwn($0) }
    }

    /// The counters with which the reflector begins each session; nil if that is not known, or not
    /// the same in all.
    private var usualBegin: ReflectedCounters.Begin? {
        let begins = (0..<phase.flows).map { stamps.counters[$0].begin }
        guard
            hasSeparateSession({
                $0 < begins.count && begins[$0]?.isOfOwnSession == true
            })
        else { return nil }
        let known = begins.compactMap(\.self)
        guard let usual = known.first, usual.isOfOwnSession, known.allSatisfy({ $0 == usual })
        else { return nil }
        return usual
    }
}
