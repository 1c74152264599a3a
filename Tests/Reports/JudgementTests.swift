import Testing

@testable import Reports

@Suite("Causes and notices")
struct JudgementTests {
    @Test(arguments: [Verdict.inconclusive, .fail, .invalid, .aborted])
    func aCauseMakesItsVerdict(verdict: Verdict) {
        let judgement = Judgement(causes: [Cause(verdict, "so it is")])
        #expect(judgement.verdict == verdict)
        #expect(judgement.reasons == ["so it is"])
        #expect(judgement.exitStatus == verdict.exitStatus)
    }

    @Test func withoutCausesItPasses() {
        #expect(Judgement(notices: ["2 runs were left out"]).verdict == .pass)
        #expect(Judgement().exitStatus == .passed)
    }

    @Test func everyPairIsLedByTheMoreSevere() {
        for first in Verdict.allCases where first != .pass {
            for second in Verdict.allCases where second != .pass {
                let judgement = Judgement(causes: [Cause(first, "a"), Cause(second, "b")])
                #expect(judgement.verdict == max(first, second))
                #expect(judgement.reasons == (first >= second ? ["a", "b"] : ["b", "a"]))
            }
        }
    }

    @Test func aFaultOfUdplabIsToldByTheExitStatusUnlessTheUserStoppedIt() {
        let own = Cause(.inconclusive, "a worker crashed", isOwnFault: true)
        #expect(Judgement(causes: [own]).exitStatus == .internalFault)
        #expect(Judgement(causes: [Cause(.fail, "a"), own]).exitStatus == .internalFault)
        #expect(Judgement(causes: [own, Cause(.aborted, "a")]).exitStatus == .stopped)
    }

    @Test func aPartIsTakenOverUnderItsName() {
        var whole = Judgement(causes: [Cause(.inconclusive, "late")])
        whole.add(
            Judgement(causes: [Cause(.fail, "slow")], notices: ["small"]), named: "voice on wifi")
        #expect(whole.verdict == .fail)
        #expect(whole.reasons == ["voice on wifi: slow", "late"])
        #expect(whole.notices == ["voice on wifi: small"])
    }

    // MARK: What is printed

    @Test func theDecidingCauseComesFirstAndEveryOtherAfterIt() {
        let lines = VerdictLines(
            .fail, reasons: ["slow", "lossy"], notices: ["small"], summary: "unused")
        #expect(lines.lines == ["fail: slow", "  also: lossy", "  notice: small"])
    }

    @Test func aPassHasItsSummary() {
        let lines = VerdictLines(.pass, reasons: [], notices: [], summary: "all is well")
        #expect(lines.lines == ["pass: all is well"])
    }

    @Test func manyCausesAreCounted() {
        let reasons = (1...100).map { "\($0)" }
        let lines = VerdictLines(.fail, reasons: reasons, notices: reasons, summary: "").lines
        #expect(lines.count == 1 + VerdictLines.othersMax + 1 + VerdictLines.noticesMax + 1)
        #expect(lines.contains("  and 79 more causes"))
        #expect(lines.last == "  and 90 more notices")
    }

    @Test func noLineObeysATerminal() {
        let lines = VerdictLines(
            .fail, reasons: ["\u{1B}[2J", "a\nb"], notices: ["\u{202E}"], summary: "")
        #expect(lines.lines == ["fail: ?[2J", "  also: a?b", "  notice: ?"])
    }
}
