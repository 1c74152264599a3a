/// The result of a comparison: the medians of the rounds, and the rounds.
struct ComparisonReport: Codable, Equatable, Sendable {
    var name: String
    var title: String
    var direction: String
    var payloadBytes: Int
    var offloaded: Bool
    /// The legs, udplab first.
    var legs: [LegReport]

    init(_ traffic: Traffic, _ legs: [LegReport]) {
        name = traffic.name
        title = traffic.title
        direction = traffic.direction == .oneWay ? "one_way" : "echo"
        payloadBytes = traffic.payloadBytes
        offloaded = traffic.isOffloaded
        let subject = legs.first
        self.legs = legs.enumerated().map { index, leg in
            leg.summarized(against: index == 0 ? nil : subject)
        }
    }

    func leg(_ name: String) -> LegReport? { legs.first { $0.name == name } }
}

struct LegReport: Codable, Equatable, Sendable {
    var name: String
    /// The medians over the successful rounds; nil if there was none, or the tool does not report
    /// the figure.
    var sentPps: Double?
    var receivedPps: Double?
    var lossRatio: Double?
    var cpuSecondsPerMillion: Double?
    /// The ratio of udplab's received datagrams per second to this leg's, round by round; nil for
    /// udplab.
    var udplabRatio: PairedRatio?
    /// The rounds; nil for a failed one.
    var rounds: [LegFigures?] = []
    /// The reasons of failed rounds.
    var problems: [String] = []

    init(name: String) { self.name = name }

    fileprivate func summarized(against subject: LegReport?) -> LegReport {
        var report = self
        let good = rounds.compactMap { $0 }
        report.sentPps = Sample.median(good.compactMap(\.sentPps))
        report.receivedPps = Sample.median(good.map(\.receivedPps))
        report.lossRatio = Sample.median(good.compactMap(\.lossRatio))
        report.cpuSecondsPerMillion = Sample.median(good.compactMap(\.cpuSecondsPerMillion))
        if let subject {
            report.udplabRatio = PairedRatio(
                subject.rounds.map { $0?.receivedPps }, over: rounds.map { $0?.receivedPps })
        }
        return report
    }

    /// The losses by account over all rounds; empty for other tools than udplab.
    var lossByAccount: [String: Int] {
        rounds.reduce(into: [:]) { sums, figures in
            sums.merge(figures?.lossByAccount ?? [:], uniquingKeysWith: +)
        }
    }
}
