import Testing

@testable import Reports

/// Who lived and who was out, for a person.
@Suite struct ResetsTableTests {
    private func run(
        _ policy: String, seen: Int = 0, steps: [Int64] = [], endedNs: Int64? = nil,
        outages: [OutageReport] = []
    ) -> RunReport {
        var run = Samples.run(
            streams: [
                Samples.stream(scheduled: 600, received: 600) { $0.resets.outages = outages }
            ])
        run.scenario = policy
        var resets = ResponderResetsReport(policy: policy, socket: "unconnected_recverr")
        resets.seen = seen
        resets.timesNs = steps
        resets.responderAlive = endedNs == nil
        resets.endedNs = endedNs.map { [$0] } ?? []
        run.responder = ResponderReport(
            name: "echo", behaviour: "echo", address: "127.0.0.1:7788", resets: resets)
        return run
    }

    private func table(_ runs: [RunReport]) -> String {
        ResetsTable(width: 80, style: TerminalStyle(isOn: false)).lines(of: runs)
            .map { $0 + "\n" }.joined()
    }

    @Test func whoLivedStandsSideBySide() {
        let lost = OutageReport(
            startNs: 255_000_000, detectedNs: 255_051_000, flows: 2, probes: 559)
        #expect(
            table([
                run(
                    "none", seen: 1, steps: [250_000_000], endedNs: 250_100_000, outages: [lost]),
                run("always", seen: 120, steps: [250_000_000, 1_000_000_000]),
            ]) == """
                resets: survivors
                  run              policy  resets  failed steps  first at  up until
                  none on clean      none       1             1    250 ms    250 ms
                  always on clean  always     120             2    250 ms   the end

                outages: from the first probe without an answer to the next with one
                  run and stream          from       to  for  noticed  back
                  none on clean: calls  255 ms  the end    –  51.0 µs     –


                """)
    }

    @Test func anOutageOfTheTimelineIsCountedFromItsEvents() {
        let outage = OutageReport(
            startNs: 1_005_000_000, endNs: 2_525_000_000, detectedNs: 1_005_100_000,
            recoveredNs: 2_525_100_000, flows: 4, probes: 301, causeNs: 1_000_000_000,
            returnedNs: 2_505_000_000)
        #expect(
            table([run("always", outages: [outage])]) == """
                outages: from the first probe without an answer to the next with one
                  run and stream            from      to     for  noticed     back
                  always on clean: calls  1.00 s  2.53 s  1.52 s  5.10 ms  20.1 ms


                """)
    }

    @Test func whereNothingHappenedNothingIsSaid() {
        #expect(table([run("always"), run("none")]) == "")
        #expect(table([]) == "")
    }

    @Test func aLongListOfOutagesIsCut() {
        let outages = (0..<50).map {
            OutageReport(startNs: Int64($0), endNs: 1 << 40, probes: 3, causeNs: 0)
        }
        var long = run("once", outages: outages)
        long.scenario = String(repeating: "s", count: 64)
        long.streams[0].resets.outagesLeftOut = 2
        let lines = table([long]).split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("    and 44 more of it") }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("2 gaps in the answers that no event") })
        #expect(lines.count == 11, "\(lines)")
        #expect(lines.allSatisfy { $0.count <= 80 })
    }

    @Test func singleLossesAreSummedUpAndNotListed() {
        let losses = (1...40).map {
            OutageReport(
                startNs: Int64($0) * 1_000_000, endNs: Int64($0) * 1_000_000 + 20_000, probes: 1)
        }
        #expect(
            table([run("always", outages: losses)]) == """
                40 gaps in the answers that no event and no reset explains, the longest for 20.0
                µs: losses, which `loss` counts


                """)
    }
}
