import Datagrams
import Load
import Reports

/// The trials of a service that is asked with requests of its own.
enum RequestTrials {
    private static let probes = 20

    /// Returns a trial as it is for a service: some need an echo, or numbers in the answers.
    static func adapted(_ trial: Trial, to request: RequestDefinition) -> Trial {
        if trial.id == EchoTrials.baseline.id { return baseline }
        guard let why = obstacle(trial.id, request) else { return trial }
        var trial = trial
        trial.run = { _ in .notApplicable(why) }
        return trial
    }

    private static func obstacle(_ id: String, _ request: RequestDefinition) -> String? {
        if let why = ofEchoes[id] { return why }
        guard request.isOneAtATime, ofMany.contains(id) else { return nil }
        return "it awaits several answers at a time, and --answer any tells only one"
    }

    /// The trials whose expectation is that of an echo, and why it says nothing of another service.
    private static let ofEchoes = [
        PayloadTrials.sizes.id: "its requests have a size of their own, which an echo has not",
        BufferTrials.exact.id: "its requests have a size of their own, which an echo has not",
        PayloadTrials.octets.id: "its requests have a content of their own, which an echo has not",
        OrderTrials.copies.id:
            "a service answers a repeated request as its protocol says, and an echo each time",
        SafetyTrials.amplification.id:
            "the answers of a service have lengths of their own, and an echo's those of what it got",
    ]

    /// The trials with several unanswered requests of one source.
    private static let ofMany: Set<String> = [
        EchoTrials.replyAddress.id, EverySource.trial.id, SourceTrials.many.id,
        SourceTrials.interleaved.id, LoadTrials.burst.id, LoadTrials.sustained.id,
        LifeTrials.pause.id, LifeTrials.firstDatagram.id, LifeTrials.soak.id,
        ResetTrials.storm.id,
    ]

    static let baseline = Trial(
        id: EchoTrials.baseline.id, title: "Baseline requests",
        expectation: "every request has an answer, which is what was asked for, and it serves on",
        profile: .basic
    ) { bench in
        let did = "asked \(probes) requests, one after the other"
        var (answered, wrong) = (0, 0)
        var firstWrong: [UInt8]?
        for _ in 0..<probes {
            let (number, octets) = bench.question(bytes: Bench.plainBytes)
            guard let answer = try bench.ask(octets, number: number) else { continue }
            bench.slowestNs = max(bench.slowestNs, answer.tookNs)
            answered += 1
            guard !bench.text.isRight(answer.octets, number: number, bytes: Bench.plainBytes)
            else { continue }
            wrong += 1
            firstWrong = firstWrong ?? answer.octets
        }
        let score =
            "\(answered) of \(probes) requests were answered, the slowest after "
            + UnitText.time(ns: Int(bench.slowestNs))
        if let damage = try bench.damage() {
            bench.noEcho = "plain requests are enough to end its service (see baseline)"
            return .fail(did, saw: "\(score); \(damage.text)", change: bench.advice.survive)
        }
        if let firstWrong {
            return .fail(
                did,
                saw: "\(score), \(wrong) of them not with what was asked for: "
                    + Wording.quoted(firstWrong),
                change: "look at the request and at \"valid\": a right answer has these properties")
        }
        guard answered == probes else {
            bench.missesAnyway = "it leaves requests unanswered without any reset (see baseline)"
            return .fail(did, saw: score, change: bench.advice.answerEach)
        }
        return .pass(did, saw: score)
    }
}
