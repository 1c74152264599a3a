import Lab
import Reports

@testable import udplab_bench

enum Samples {
    static var report: BenchReport {
        var host = HostFacts()
        host.kernel = "6.1.0"
        host.cpusAllowed = 2
        host.cpuModel = "A Processor"
        host.loadAverage = 0.25
        let time = UTCTime(millisecondsSince1970: 0)
        return BenchReport(
            started: time, finished: time, rounds: 5, seconds: 2, host: host,
            programs: [
                PeerPrograms.Program(name: "iperf3", version: "3.12"),
                PeerPrograms.Program(name: "irtt", version: nil),
            ], peerSocketBufferBytes: 4_194_304)
    }
}
