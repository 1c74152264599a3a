import JSON
import Metrics
import Reports

@testable import Lab
@testable import Plans

/// What has to hold of every judged run, whatever its workers said: held by other means than those
/// that the judge uses.
struct Consistency {
    let run: MadeUpRun
    let sealed: Sealed<Report>

    /// A sentence for each thing that does not hold of a run: its causes make its verdict, and it
    /// is not better than its most severe reason. That a report says the same costs more to find
    /// out.
    static func problems(_ run: MadeUpRun, _ judged: Judged<RunReport>) -> [String] {
        let document = judged.document
        return oneVerdict(document.verdict, document.reasons, judged.judgement)
            + notTooGood(run, document)
    }

    /// A sentence for each thing that does not hold of a run or of its report.
    func problems() -> [String] {
        Self.oneVerdict(verdict, report.reasons, sealed.judgement)
            + report.runs.flatMap { Self.notTooGood(run, $0) } + ofItsRuns() + exitStatus()
            + text() + terminal()
    }

    private var report: Report { sealed.document }
    private var verdict: Verdict { sealed.document.verdict }

    private func ofItsRuns() -> [String] {
        report.runs.filter { $0.verdict != verdict }.map {
            "its run is \($0.verdict), and the report \(verdict)"
        }
    }

    /// The causes make the verdict, the most severe first.
    private static func oneVerdict(
        _ verdict: Verdict, _ reasons: [String], _ judgement: Judgement
    ) -> [String] {
        let causes = judgement.causes
        var problems: [String] = []
        if verdict != causes.map(\.verdict).max() ?? .pass {
            problems.append("the verdict is \(verdict), and its causes are \(causes)")
        }
        if causes.map(\.verdict) != causes.map(\.verdict).sorted(by: >) {
            problems.append("a cause stands before a more severe one: \(causes)")
        }
        if reasons != causes.map(\.sentence) { problems.append("reasons are no causes") }
        return problems
    }

    private func exitStatus() -> [String] {
        let isOwnFault = run.failure?.owner == .udplab
        let expected: Int32 =
            switch verdict {
            case .aborted: 105
            case _ where isOwnFault: 70
            case .pass: 0
            case .fail: 99
            case .inconclusive, .incomplete, .invalid: 75
            }
        let status = sealed.exitStatus.rawValue
        return status == expected ? [] : ["exits \(status) at \(verdict), and not \(expected)"]
    }

    /// What is written says the same.
    private func text() -> [String] {
        guard let written = try? JSONValue.parse(Array(sealed.text.utf8), limits: .report) else {
            return ["what is written is no JSON"]
        }
        var problems: [String] = []
        if written["verdict"] != .string(verdict.rawValue)
            || written["reasons"] != .array(report.reasons.map(JSONValue.string))
        {
            problems.append("what is written has the verdict \(written["verdict"] ?? .null)")
        }
        guard case .array(let runs)? = written["runs"] else { return ["no runs are written"] }
        let verdicts = runs.map { $0["verdict"] }
        if verdicts != report.runs.map({ .string($0.verdict.rawValue) }) {
            problems.append("runs are written as \(verdicts)")
        }
        return problems
    }

    private func terminal() -> [String] {
        let first = report.verdictLines.lines.first ?? ""
        let reason = TerminalText.harmless(report.reasons.first ?? "")
        guard first.hasPrefix("\(verdict.rawValue): \(reason)") else {
            return ["the terminal says \"\(first)\""]
        }
        return []
    }

    // MARK: - Never better than its most severe reason

    private static func notTooGood(_ run: MadeUpRun, _ judged: RunReport) -> [String] {
        var found: [(Verdict, String)] = []
        if run.stopSignal != nil { found.append((.aborted, "it was stopped")) }
        if let failure = run.failure {
            found.append((failure.owner == .subject ? .fail : .inconclusive, failure.reason))
        }
        found += judged.streams.flatMap(contradictions)
        found += judged.streams.flatMap { shortcomings($0, of: run) }
        for threshold in judged.thresholds where threshold.passed != true {
            // One that was not judged has an obstacle, and that is a cause.
            found.append((threshold.passed == nil ? .inconclusive : .fail, threshold.expression))
        }
        if judged.streams.isEmpty { found.append((.inconclusive, "nothing was measured")) }
        return found.filter { judged.verdict < $0.0 }.map {
            "\(judged.verdict) in spite of \($0): \($1)"
        }
    }

    private static func contradictions(_ stream: StreamReport) -> [(Verdict, String)] {
        var found = stream.ledger.imbalances().map { (Verdict.invalid, $0) }
        if stream.ledger.responderReceived ?? 0 > stream.ledger.sent {
            found.append((.invalid, "more was received than sent"))
        }
        if stream.ledger.received > stream.ledger.sent {
            found.append((.invalid, "more was answered than sent"))
        }
        return found
    }

    /// What this host or the other side fell short of by more than the tolerance.
    private static func shortcomings(_ stream: StreamReport, of run: MadeUpRun) -> [(
        Verdict, String
    )] {
        let ledger = stream.ledger
        let ofHost = [
            ledger.skipped, ledger.localQueue, ledger.localFirewall, ledger.tooBig,
            ledger.otherError, ledger.senderOverflow ?? 0,
            run.kind == .floodSink ? 0 : ledger.responderOverflow ?? 0,
        ]
        let most = run.scenario.tolerance * Double(ledger.scheduled)
        var found: [(Verdict, String)] = []
        if ofHost.contains(where: { Double($0) > most }) {
            found.append((.inconclusive, "this host was a limit"))
        }
        if ledger.sent == 0 || ledger.received == 0 && stream.kind == .probes {
            found.append((.inconclusive, "nothing came or went"))
        }
        return found
    }
}
