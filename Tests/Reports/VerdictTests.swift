import Testing

@testable import Reports

@Suite("Verdicts and exit statuses")
struct VerdictTests {
    @Test func eachVerdictHasItsExitStatus() {
        let statuses = Verdict.allCases.map { ($0, $0.exitStatus.rawValue) }
        let expected: [(Verdict, Int32)] = [
            (.pass, 0), (.inconclusive, 75), (.fail, 99), (.incomplete, 75), (.invalid, 75),
            (.aborted, 105),
        ]
        #expect(statuses.elementsEqual(expected, by: ==))
    }

    @Test func theExitStatusesAreThoseOfTheInterface() {
        #expect(ExitStatus.allCases.map(\.rawValue) == [0, 99, 75, 104, 105, 64, 70])
    }
}
