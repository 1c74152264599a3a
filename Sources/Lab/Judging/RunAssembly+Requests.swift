import Load
import Loops
import Reports

extension StreamReport.Kind {
    /// The kind of a sender's stream.
    init(_ sender: SenderDefinition) {
        switch sender.kind {
        case .hitAndRun: self = .hitAndRun
        case .probes:
            guard let request = sender.request else {
                self = .probes
                return
            }
            self = request.isOneWay ? .oneWayRequests : .requests
        }
    }
}

extension StreamReport {
    /// Adds what a stream of requests has beside a stream of probes: lengths of its own, and
    /// answers that may be wrong.
    mutating func tell(_ request: RequestDefinition, _ result: SenderResult) {
        guard let answers = result.answers else { return }
        // Requests have no order that an answer could tell, if it has no number.
        if request.numberBits == nil { reordering = nil }
        if request.isOneWay { duplication = nil }
        throughput.setBytes(
            sent: answers.requestBytes, received: request.isOneWay ? nil : answers.answerBytes)
        rejected.unmatched = result.rejected.unmatched
        let wrong = answers.wrongAnswer.flatMap { Hexadecimal.octets($0.utf8) }
        self.request = RequestReport(
            name: request.name, answer: RequestReport.Answer(request.answer),
            firstWrongAnswer: wrong.map { TerminalText.escaped($0) })
    }
}

extension RunAssembly {
    /// Sentences on unanswered requests of flows that tell an answer by its order alone.
    var unnumbered: [String] {
        zip(scenario.senders, outcome.senders).compactMap { sender, member in
            guard sender.request?.isOneAtATime == true,
                let never = member.result?.sender?.figures.never, never > 0
            else { return nil }
            return
                "\(sender.name): \(UnitText.count(never)) requests had no answer before the next "
                + "one was sent: an answer that came later was taken for that of the next, because "
                + "\"answer\": \"any\" tells them by their order alone"
        }
    }
}

extension RequestReport.Answer {
    fileprivate init(_ answer: AnswerMatch) {
        switch answer {
        case .none: self = .none
        case .any: self = .any
        case .echo: self = .echo
        case .at, .containing: self = .rule
        }
    }
}
