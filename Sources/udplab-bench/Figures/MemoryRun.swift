import Reports

/// Measures whether a sender's memory grows with the datagrams sent.
struct MemoryRun {
    static let name = "memory"
    static let fewer = 1_000_000
    static let more = 100_000_000
    /// The lowest rate: a tenth of the capacity of two cores without offload.
    private static let slowestPps = 50_000

    let program: UdplabProgram
    let isOffloaded: Bool

    func measure(_ progress: Progress) -> MemoryFigures {
        var figures = MemoryFigures()
        do {
            figures.fewerBytes = try bytes(after: Self.fewer, progress)
            figures.moreBytes = try bytes(after: Self.more, progress)
        } catch {
            figures.problems.append("\(error)")
            progress.say("memory: \(error)")
        }
        return figures
    }

    private func bytes(after datagrams: Int, _ progress: Progress) throws -> Int? {
        let traffic = Traffic(direction: .oneWay, payloadBytes: 64, isOffloaded: isOffloaded)
        let plan = BenchPlan(traffic: traffic, rate: .max, length: .datagrams(datagrams))
        let seconds = UdplabLeg.limit(datagrams / Self.slowestPps)
        let run = try program.run(plan, seconds: seconds)
        let bytes = run.workers.first { $0.role == .sender }?.maxRssBytes
        let text = UnitText.text(bytes.map { Double($0) }, unit: .bytes)
        progress.say("memory after \(UnitText.count(datagrams)) datagrams: \(text)")
        return bytes
    }
}

/// The largest resident set of a sender.
struct MemoryFigures: Codable, Equatable, Sendable {
    var fewerDatagrams = MemoryRun.fewer
    var fewerBytes: Int?
    var moreDatagrams = MemoryRun.more
    var moreBytes: Int?
    var problems: [String] = []

    /// The ratio, to a hundredth: a few pages more or less depend on the allocator.
    var ratio: Double? {
        guard let fewerBytes, let moreBytes, fewerBytes > 0 else { return nil }
        return (Double(moreBytes) / Double(fewerBytes) * 100).rounded() / 100
    }
}
