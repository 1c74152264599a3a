import Reports

/// Measures how well udplab keeps a schedule: one flow to an echo, so that it has answers to
/// receive between its sends. After each run a loop that only keeps the schedule measures the
/// machine itself.
struct PacingRun {
    static let name = "pacing"
    static let rates = [1_000, 10_000, 100_000]
    static let traffic = Traffic(direction: .echo, payloadBytes: 64, isOffloaded: false)

    let program: UdplabProgram

    func measure(rounds: Int, seconds: Int, _ progress: Progress) -> [PacingFigures] {
        var figures = Self.rates.map { PacingFigures(ratePps: $0) }
        for round in 1...rounds {
            for index in figures.indices where !progress.isStopped {
                let rate = figures[index].ratePps
                let title =
                    "pacing at \(UnitText.packetRate(Double(rate))), round \(round) of \(rounds)"
                do {
                    let stream = try stream(rate: rate, seconds: seconds)
                    figures[index].add(stream.pacing, scheduled: stream.ledger.scheduled)
                    figures[index].add(
                        try RawPacer().measure(rate: rate, seconds: seconds))
                    progress.say("\(title): \(UnitText.time(ns: stream.pacing.errorNs?.p50))")
                } catch {
                    figures[index].problems.append("round \(round): \(error)")
                    progress.say("\(title): \(error)")
                }
            }
        }
        return figures
    }

    private func stream(rate: Int, seconds: Int) throws -> StreamReport {
        let plan = BenchPlan(
            traffic: Self.traffic, rate: .pps(rate), length: .seconds(seconds))
        let run = try program.run(plan, seconds: UdplabLeg.limit(seconds))
        guard let stream = run.streams.first else { throw BenchError("udplab sent nothing") }
        return stream
    }
}

/// The send error at one rate: actual less intended send time.
struct PacingFigures: Codable, Equatable, Sendable {
    var ratePps: Int
    /// The median errors, one per round.
    var errorP50Ns: [Int] = []
    var errorP99Ns: [Int] = []
    /// The share of scheduled slots that were skipped.
    var skippedRatio: [Double] = []
    /// The same share for a loop that sends nothing, measured right after.
    var bareSkippedRatio: [Double] = []
    var problems: [String] = []

    init(ratePps: Int) { self.ratePps = ratePps }

    mutating func add(_ pacing: PacingReport, scheduled: Int) {
        if let p50 = pacing.errorNs?.p50 { errorP50Ns.append(p50) }
        if let p99 = pacing.errorNs?.p99 { errorP99Ns.append(p99) }
        if scheduled > 0 { skippedRatio.append(Double(pacing.skipped) / Double(scheduled)) }
    }

    mutating func add(_ bare: RawPacer.Figures) {
        if let ratio = bare.skippedRatio { bareSkippedRatio.append(ratio) }
    }

    var medianErrorNs: Double? { Sample.median(errorP50Ns.map(Double.init)) }
    var medianP99Ns: Double? { Sample.median(errorP99Ns.map(Double.init)) }
    var medianSkippedRatio: Double? { Sample.median(skippedRatio) }
    var medianBareSkippedRatio: Double? { Sample.median(bareSkippedRatio) }
}
