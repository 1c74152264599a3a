import JSON
import Testing

@testable import udplab_bench

/// The figures are those that the tools' own summaries give, from outputs as they were printed.
@Suite struct PeerOutputTests {
    // iperf 3.12, `--udp --bitrate 0 --length 64 --time 1 --json`, without what is not read.
    private let iperf3 = """
        {"start": {"version": "iperf 3.12", "connected": [{"socket": 5}]}, "intervals": [],
         "end": {
           "sum": {"seconds": 1.004604, "bytes": 6447360, "packets": 100740},
           "sum_sent": {"start": 0, "end": 1.000075, "seconds": 1.000075, "bytes": 6447360,
             "lost_packets": 0, "packets": 100740, "lost_percent": 0, "sender": true},
           "sum_received": {"start": 0, "end": 1.004604, "seconds": 1.004604, "bytes": 2415936,
             "jitter_ms": 0.2704098484054238, "lost_packets": 62991, "packets": 100740,
             "lost_percent": 62.52829064919595, "sender": false}}}
        """

    @Test func whatIperf3ReceivedIsCountedByItsBytes() throws {
        let figures = try Iperf3Leg.figures(
            in: Array(iperf3.utf8), payloadBytes: 64, cpuSeconds: 2)
        let received = 2_415_936.0 / 64
        #expect(received == 100_740 - 62_991)
        #expect(figures.receivedPps == received / 1.004604)
        #expect(figures.sentPps == 100_740 / 1.000075)
        #expect(figures.lossRatio == 62.52829064919595 / 100)
        #expect(figures.cpuSecondsPerMillion == 2e6 / received)
    }

    // dnsperf 2.10, without what is not read.
    private let dnsperf = """
        Statistics:

          Queries sent:         2000
          Queries completed:    1800 (90.00%)
          Queries lost:         200 (10.00%)

          Queries per second:   64868.224107

          Average Latency (s):  0.001193 (min 0.000023, max 0.020674)
          Latency StdDev (s):   0.000100
        """

    @Test func dnsperfsSummaryIsRead() throws {
        let figures = try DnsperfFigures(dnsperf)
        #expect(figures.pps == 64_868.224107)
        #expect(figures.lossRatio == 0.1)
        #expect(abs(figures.meanNs - 1_193_000) < 1)
    }

    @Test func anOutputOfDnsperfWithoutFiguresIsAnError() {
        #expect(throws: BenchError("dnsperf's output has no \"Queries per second:\"")) {
            try DnsperfFigures("[Timeout] Query timed out")
        }
    }

    @Test func anErrorOfIperf3IsItsOwnSentence() {
        let output = """
            {"start": {"connected": []}, "intervals": [], "end": {},
             "error": "unable to connect to server: Connection refused"}
            """
        #expect(throws: BenchError("iperf3: unable to connect to server: Connection refused")) {
            try Iperf3Leg.figures(in: Array(output.utf8), payloadBytes: 64, cpuSeconds: 0)
        }
    }

    @Test func anOutputOfIperf3WithoutAReceiverIsNoFigure() {
        #expect(throws: BenchError("iperf3 gave no end.sum_received")) {
            try Iperf3Leg.figures(in: Array(#"{"end":{}}"#.utf8), payloadBytes: 64, cpuSeconds: 0)
        }
        #expect(throws: JSONError.self) {
            try Iperf3Leg.figures(in: Array("iperf3: no".utf8), payloadBytes: 64, cpuSeconds: 0)
        }
    }

    // sockperf 3.7; it colours its output even where that is no terminal.
    private let underLoad = """
        sockperf: \u{1B}[2;35m== version #3.7-no.git == \u{1B}[0m
        sockperf[CLIENT] send on:sockperf: using recvfrom() to block on socket(s)

        [ 0] IP = 127.0.0.1       PORT = 45102 # UDP
        sockperf: Test ended
        sockperf: [Total Run] RunTime=1.000 sec; Warm up time=400 msec; SentMessages=244648; \
        ReceivedMessages=46067
        sockperf: ========= Printing statistics for Server No: 0
        sockperf: [Valid Duration] RunTime=0.558 sec; SentMessages=142605; ReceivedMessages=31095
        sockperf: \u{1B}[2;35m====> avg-latency=1828.625 (std-dev=2128.805)\u{1B}[0m
        sockperf: \u{1B}[0;31m# dropped messages = 111510; # duplicated messages = 0\u{1B}[0m
        """

    @Test func anEchoOfSockperfIsJudgedByItsValidDuration() throws {
        let figures = try SockperfOutput.echo(underLoad, cpuSeconds: 1)
        #expect(figures.receivedPps == 31_095 / 0.558)
        #expect(figures.sentPps == 142_605 / 0.558)
        #expect(figures.lossRatio == 111_510.0 / 142_605)
        #expect(figures.cpuSecondsPerMillion == 1e6 / 46_067)
    }

    private let throughput = """
        sockperf: Test ended
        sockperf: Total of 139421 messages sent in 1.003 sec

        sockperf: Summary: Message Rate is 138990 [msg/sec]
        """

    @Test func theServerOfSockperfSaysWhatArrived() throws {
        let figures = try SockperfOutput.oneWay(
            client: throughput, server: "sockperf: Total 87252 messages received and handled\n",
            cpuSeconds: 1)
        #expect(figures.sentPps == 139_421 / 1.003)
        #expect(figures.receivedPps == 87_252 / 1.003)
        #expect(figures.lossRatio == Double(139_421 - 87_252) / 139_421)
    }

    @Test func whatSockperfSentToWarmUpIsNoGain() throws {
        let figures = try SockperfOutput.oneWay(
            client: throughput, server: "sockperf: Total 139500 messages received and handled\n",
            cpuSeconds: 1)
        #expect(figures.receivedPps == 139_421 / 1.003)
        #expect(figures.lossRatio == 0)
    }

    @Test func anOutputOfSockperfThatLacksALineIsNoFigure() {
        #expect(throws: BenchError("sockperf's output has no \"[Valid Duration]\"")) {
            try SockperfOutput.echo("sockperf: No messages were received", cpuSeconds: 0)
        }
        #expect(throws: BenchError("sockperf's output has no \"messages received and handled\"")) {
            try SockperfOutput.oneWay(client: throughput, server: "", cpuSeconds: 0)
        }
        #expect(throws: BenchError.self) {
            try SockperfOutput.oneWay(
                client: "Total of many messages sent in 1 sec", server: "", cpuSeconds: 0)
        }
    }

    // irtt 0.9.0, `client -i 1us -d 1s -l 64 -q`.
    private let irtt = """
        [Connecting] connecting to 127.0.0.1:45103

                        duration: 1.5s (wait 500ms)
           packets sent/received: 54056/52331 (3.19% loss)
         server packets received: 52399/54056 (3.07%/0.13% loss up/down)
                   packet length: 64 bytes
        """

    @Test func theRateOfIrttIsOverTheTimeThatItSent() throws {
        let figures = try IrttLeg.figures(in: irtt, seconds: 2, cpuSeconds: 1)
        #expect(figures.sentPps == 27_028)
        #expect(figures.receivedPps == 26_165.5)
        #expect(figures.lossRatio == Double(54_056 - 52_331) / 54_056)
    }

    @Test func anOutputOfIrttWithoutCountsIsNoFigure() {
        #expect(throws: BenchError.self) {
            try IrttLeg.figures(in: "irtt: no", seconds: 1, cpuSeconds: 0)
        }
        #expect(throws: BenchError.self) {
            try IrttLeg.figures(in: "packets sent/received: x/y", seconds: 1, cpuSeconds: 0)
        }
    }

    @Test(arguments: [
        ("iperf 3.12 (cJSON 1.7.15)\nLinux vm 6.18", "3.12"),
        ("sockperf, version 3.7-no.git\n   compiled 2021-08-23", "3.7-no.git"),
        ("irtt version: 0.9.0\nprotocol version: 1", "0.9.0"),
        ("Usage: dnsperf\n  (default: 127.0.0.1)\nVersion 2.10.0", "2.10.0"),
        ("4 things", nil), ("", nil),
    ])
    func theVersionIsTheFirstWordThatLooksLikeOne(output: String, version: String?) {
        #expect(PeerPrograms.version(in: output) == version)
    }
}
