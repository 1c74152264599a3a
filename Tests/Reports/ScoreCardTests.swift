import JSON
import Testing

@testable import Reports

@Suite("The score card")
struct ScoreCardTests {
    @Test func theModelAndTheFormatHaveTheSameKeys() throws {
        let card = try JSONCoding.encode(Samples.scoreCard)
        #expect(ReportFormat.problems(in: card, as: ReportFormat.scoreCard) == [])
        #expect(try !card.text().contains("null"))
        #expect(try JSONCoding.decode(ScoreCard.self, from: card) == Samples.scoreCard)
    }

    @Test("L15 what does not exist is null and of the format")
    func absent() throws {
        var card = Samples.scoreCard
        card.server = ServerReport(command: nil, address: "192.0.2.1:7", starts: nil)
        card.trials[0].change = nil
        card.trials[0].restarted = nil
        card.trials[0].datagrams?.lostInServerBuffer = nil
        var value = try JSONCoding.encode(card)
        #expect(ReportFormat.problems(in: value, as: ReportFormat.scoreCard) == [])
        card.trials[0].datagrams = nil
        value = try JSONCoding.encode(card)
        #expect(ReportFormat.problems(in: value, as: ReportFormat.scoreCard) == [])
    }

    @Test(.enabled(if: Python.hasJSONSchema, "Python's jsonschema is not installed"))
    func anotherValidatorAgrees() throws {
        let text = Samples.scoreCard.sealed.text
        let spoilt = try [
            ("\"resilience\": 1", "\"resilience\": 2"), ("\"degraded\"", "\"so-so\""),
            ("\"starts\": 3", "\"starts\": -3"), ("\"seed\": 1", "\"sead\": 1"),
            ("\"did\": \"sent 100 at once\"", "\"did\": null"),
        ].map { what, by in
            let spoilt = text.replacing(what, with: by, maxReplacements: 1)
            try #require(spoilt != text)
            return try JSONValue.parse(Array(spoilt.utf8), limits: .report)
        }
        let values = [try JSONCoding.encode(Samples.scoreCard)] + spoilt
        let validity = [true] + spoilt.map { _ in false }
        #expect(try Python.validity(of: values, by: ReportSchema.scoreCard()) == validity)
        #expect(
            values.map { ReportFormat.problems(in: $0, as: ReportFormat.scoreCard).isEmpty }
                == validity)
    }

    @Test func aRunOfAPlanShowsWhatTheVerbShows() {
        let card = Samples.scoreCard
        var run = Samples.run(streams: [])
        run.battery = card.battery
        run.seed = card.seed
        let own = ScoreTable.render(card).split(separator: "\n")
        let table = ReportTable.render(Samples.report(runs: [run]))
        // All but the title, which stands further in, and the verdict with its notice.
        for line in own.dropFirst().dropLast(2) {
            #expect(table.contains("\n\(line)\n"), "\(line)")
        }
        #expect(table.contains("  python3 server.py at 127.0.0.1:7788, profile basic, seed 1\n"))
        #expect(table.contains("pass: 0 of 1 trials passed and none fails its profile in 1 run"))
    }
}

/// The card that ships as an example is what today's program would write.
@Suite("The sample score card")
struct SampleScoreCardTests {
    private func sample() throws -> JSONValue {
        let text = try TemporaryDirectory.read(
            RepositoryFiles.path("Reports/sample-resilience.json"))
        return try JSONValue.parse(Array(text.utf8), limits: .report)
    }

    @Test func itIsOfTheFormat() throws {
        #expect(ReportFormat.problems(in: try sample(), as: ReportFormat.scoreCard) == [])
    }

    @Test func itIsReadAndWrittenUnchangedAndItsScoreIsThatOfItsTrials() throws {
        let value = try sample()
        let card = try JSONCoding.decode(ScoreCard.self, from: value)
        #expect(try JSONCoding.encode(card) == value)
        #expect(card.score == Score(card.trials))
        #expect(card.verdict == (card.trials.contains(where: \.failsProfile) ? .fail : .pass))
        for count in card.trials.compactMap(\.datagrams) {
            #expect(
                count.sent
                    == count.answered + (count.lostInServerBuffer ?? 0)
                    + (count.lostInOwnBuffer ?? 0)
                    + count.lostElsewhere)
        }
    }
}
