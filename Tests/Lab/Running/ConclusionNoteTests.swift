import Reports
import Testing

@testable import Lab
@testable import Plans

@Suite("The repeats that a conclusion takes")
struct ConclusionNoteTests {
    private func plan(networks: Int, repeats: Int, compare: String = "") throws -> Plan {
        let names = (1...networks).map { "\"n\($0)\"" }
        let text = """
            { "plan": 1, "name": "many", \(compare)
              "networks": {
                \(names.map { "\($0): { \"kind\": \"loopback\" }" }.joined(separator: ", ")) },
              "responders": { "echo": { "behaviour": "echo" } },
              "scenarios": [
                { "name": "one", "networks": [\(names.joined(separator: ", "))],
                  "responder": "echo", "repeat": \(repeats),
                  "senders": [
                    { "name": "s", "rate": "10pps", "payload": "64B", "duration": "1s" } ] } ] }
            """
        return try PlanReader.read(Array(text.utf8), path: "plan.json")
    }

    @Test func aPlanWithTooFewRepeatsIsWarnedOf() throws {
        let notes = ConclusionNote.of(try plan(networks: 3, repeats: 3))
        #expect(notes.map(\.isWarning) == [true])
        #expect(
            notes.map(\.sentence) == [
                "scenario \"one\": a conclusion on its networks takes 4 repeats for loss.ratio and "
                    + "5 for other figures; the plan has 3: raise \"repeat\", or compare fewer "
                    + "networks at once"
            ])
    }

    @Test func enoughRepeatsAreNoted() throws {
        let notes = ConclusionNote.of(try plan(networks: 3, repeats: 4))
        #expect(notes.map(\.isWarning) == [false])
        #expect(ConclusionNote.of(try plan(networks: 1, repeats: 1)) == [])
        let named = ConclusionNote.of(
            try plan(networks: 2, repeats: 4, compare: "\"compare\": [\"rtt.p50\", \"rtt.p99\"],"))
        #expect(named.first?.sentence.contains("for rtt.p50, rtt.p99 and") == true)
    }

    @Test func thePlansFiguresAreTheComparedOnes() throws {
        #expect(PlanShape.comparedFigures == ComparedFigure.all.map(\.name))
        #expect(try plan(networks: 2, repeats: 1).primaryFigures == ComparisonRule.primaryFigures)
    }
}
