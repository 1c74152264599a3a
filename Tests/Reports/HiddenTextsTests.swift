import Harness
import JSON
import Testing

@testable import Reports

/// Secrets are in no text of a report.
@Suite struct HiddenTextsTests {
    private func report(saying text: String) -> Report {
        var report = Samples.full
        report.runs[0].notices.append(text)
        report.runs[0].responder?.outputTail = [text]
        report.runs[0].responder?.command = ["serve", text]
        return report
    }

    @Test(
        "A secret is hidden as it is, in JSON, shown, and cut off",
        arguments: ["s3cret", "pass", "a\"b\\c\u{1B}d", "中文密码", "report"])
    func secrets(secret: String) throws {
        let hidden = HiddenTexts([secret])
        let half = secret.prefix(secret.count - 1)
        for text in [secret, "a \(secret) b \(secret)", secret.shown] {
            #expect(!hidden.hiding(in: text).contains(secret))
            #expect(hidden.hiding(in: text).contains(HiddenTexts.mark))
        }
        if half.utf8.count >= 4 { #expect(!hidden.hiding(in: "it is \(half)").contains(half)) }
        let sealed = Sealed(
            Judged(
                report(saying: "the token is \(secret)"),
                Judgement(causes: [Cause(.fail, "it said \(secret)")])), hiding: hidden)
        let value = try JSONValue.parse(Array(sealed.text.utf8), limits: .report)
        #expect(ReportFormat.problems(in: value) == [])
        #expect(sealed.document.verdict == .fail)
        #expect(sealed.document.reasons.contains { $0.contains("it said \(HiddenTexts.mark)") })
        #expect(
            sealed.document.runs[0].responder?.command == [
                "serve", "the token is \(HiddenTexts.mark)",
            ])
        #expect(sealed.document.runs[0].verdict == Samples.full.runs[0].verdict)
    }

    @Test func withoutSecretsNothingChanges() {
        let judged = Judged(report(saying: "s3cret"), Judgement())
        #expect(Sealed(judged).text == Sealed(judged, hiding: HiddenTexts()).text)
        #expect(HiddenTexts([""]).isEmpty)
    }
}
