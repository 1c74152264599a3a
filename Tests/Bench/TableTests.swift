import Testing

@testable import udplab_bench

@Suite struct TableTests {
    @Test func columnsAreAsWideAsTheirWidestCell() {
        let table = TextTable(
            title: "plain echo", heads: ["", "received", "loss"],
            rows: [["udplab", "512 kpps", "0 %"], ["raw loop", "1.02 Mpps", ""]],
            notes: ["one more thing"])
        #expect(
            table.terminal() == """
                plain echo
                             received  loss
                  udplab     512 kpps   0 %
                  raw loop  1.02 Mpps
                  one more thing

                """)
    }

    @Test func markdownHasARuleAndEscapesItsBars() {
        let table = TextTable(
            title: "plain echo", heads: ["", "loss"], rows: [["a|b", "0 %"]], notes: ["so"])
        #expect(
            table.markdown() == """
                **plain echo**

                |  | loss |
                | --- | ---: |
                | a\\|b | 0 % |

                so

                """)
    }

    @Test func numbersKeepTheDigitsThatMatter() {
        #expect(Wording.number(0.9649) == "0.96")
        #expect(Wording.number(1) == "1.00")
        #expect(Wording.number(9.999) == "10.00")
        #expect(Wording.number(12.34) == "12.3")
        #expect(Wording.number(140.5) == "141")
        #expect(Wording.cpuSeconds(0.0514) == "0.051")
        #expect(Wording.cpuSeconds(5.914) == "5.91")
        #expect(Wording.cpuSeconds(nil) == "–")
        #expect(Wording.number(nil) == "–")
        #expect(Wording.number(.nan) == "–")
        #expect(Wording.number(.infinity) == "–")
    }

    @Test func theTablesSayWhereAndWhen() {
        var report = Samples.report
        report.goals = Goal.all(report)
        for text in [
            BenchTables(report: report).terminal(), BenchTables(report: report).markdown(),
        ] {
            #expect(
                text.contains("1970-01-01T00:00:00.000Z: A Processor, 2 processors, Linux 6.1.0"))
            #expect(text.contains("iperf3 3.12, irtt is not installed; "))
            #expect(text.contains("socket buffers of 4,194,304 B for all that can"))
        }
    }

    @Test func aComparisonShowsEveryLegAndWhyOneFailed() throws {
        var udplab = LegReport(name: "udplab")
        udplab.rounds = [
            LegFigures(
                sentPps: 900_000, receivedPps: 450_000, lossRatio: 0.5,
                lossByAccount: ["responder_overflow": 1_234], cpuSecondsPerMillion: 4)
        ]
        var raw = LegReport(name: "raw loop")
        raw.rounds = [LegFigures(receivedPps: 500_000)]
        var iperf3 = LegReport(name: "iperf3")
        iperf3.rounds = [nil]
        iperf3.problems = ["round 1: it \u{1B}[31mbroke"]
        var report = Samples.report
        report.comparisons = [
            ComparisonReport(
                Traffic(direction: .oneWay, payloadBytes: 64, isOffloaded: false),
                [udplab, raw, iperf3])
        ]
        let text = BenchTables(report: report).terminal()
        #expect(
            text.contains(
                """
                plain one way, 64 B
                                sent  received  loss  CPU s/million       udplab / it
                  udplab    900 kpps  450 kpps  50 %           4.00
                  raw loop         –  500 kpps     –              –  0.90 (0.90–0.90)
                  iperf3           –         –     –              –                 –
                  udplab lost, over all rounds: responder_overflow 1,234
                  iperf3, round 1: it ?[31mbroke

                """))
    }
}
