/// A goal for a figure of udplab, and the measured value.
struct Goal: Codable, Equatable, Sendable {
    enum Unit: String, Codable, Sendable { case ratio, share, nanoseconds }
    enum Better: String, Codable, Sendable { case higher, lower }

    var figure: String
    var unit: Unit
    var better: Better
    /// The required bound.
    var atLeast: Double
    /// The desired bound.
    var aim: Double
    /// The measured value; nil if it was not measured.
    var value: Double?
    var reached: Bool?
    var aimed: Bool?

    /// Makes a goal.
    /// - Parameter holds: A further condition, without which no value reaches the goal.
    init(
        _ figure: String, _ unit: Unit, _ better: Better, atLeast: Double, aim: Double,
        value: Double?, holds: Bool = true
    ) {
        self.figure = figure
        self.unit = unit
        self.better = better
        self.atLeast = atLeast
        self.aim = aim
        self.value = value
        reached = value.map { holds && (better == .higher ? $0 >= atLeast : $0 <= atLeast) }
        aimed = value.map { holds && (better == .higher ? $0 >= aim : $0 <= aim) }
    }
}

extension Goal {
    /// Returns all goals, with the values from `report`.
    static func all(_ report: BenchReport) -> [Goal] {
        ratios(report) + pacing(report) + [
            Goal(
                "sender's memory after 10⁸ datagrams / after 10⁶", .ratio, .lower, atLeast: 1.1,
                aim: 1, value: report.memory?.ratio),
            Goal(
                "relay, 1 % loss / raw forwarding loop", .ratio, .higher, atLeast: 0.8,
                aim: 0.95, value: report.relay?.lossRatio?.median),
            Goal(
                "relay, 1 % loss and 20 ms / raw forwarding loop", .ratio, .higher,
                atLeast: 0.6, aim: 0.8, value: report.relay?.lossAndDelayRatio?.median),
            Goal(
                "DNS queries per second, 100 in flight / dnsperf", .ratio, .higher, atLeast: 1.0,
                aim: 1.5, value: report.dns?.ratio?.median),
        ]
    }

    private static let iperf3 = "iperf3"

    private static func ratios(_ report: BenchReport) -> [Goal] {
        let rows: [(String, String, Double, Double)] = [
            ("plain-one-way-64", "raw loop", 0.92, 0.98),
            ("plain-echo-64", "raw loop", 0.88, 0.97),
            ("offloaded-one-way-64", "raw loop", 0.85, 0.97),
            ("offloaded-echo-64", "raw loop", 0.70, 0.90),
            ("plain-one-way-64", iperf3, 1.0, 1.3),
            ("plain-echo-64", "sockperf under-load", 2.0, 3.0),
        ]
        return rows.map { name, other, atLeast, aim in
            let comparison = report.comparisons.first { $0.name == name }
            let title = name.split(separator: "-").dropLast().joined(separator: " ")
            let isWithoutLoss = comparison?.legs.first?.lossRatio == 0
            return Goal(
                "\(title), 64 B / \(other)" + (other == iperf3 ? ", no loss on our side" : ""),
                .ratio, .higher, atLeast: atLeast, aim: aim,
                value: comparison?.leg(other)?.udplabRatio?.median,
                holds: other != iperf3 || isWithoutLoss)
        }
    }

    private static func pacing(_ report: BenchReport) -> [Goal] {
        let errors = PacingRun.rates.map { rate in
            Goal(
                "median send error at \(rate / 1_000)k pps", .nanoseconds, .lower,
                atLeast: 1_000, aim: 100,
                value: report.pacing.first { $0.ratePps == rate }?.medianErrorNs)
        }
        let fastest = report.pacing.first { $0.ratePps == 100_000 }
        return errors + [
            Goal(
                "skipped slots at 100k pps", .share, .lower, atLeast: 0.001, aim: 0,
                value: fastest?.medianSkippedRatio)
        ]
    }
}
