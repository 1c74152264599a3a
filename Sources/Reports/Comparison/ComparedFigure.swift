/// A figure of a stream that is always compared, with its better direction.
package struct ComparedFigure: Sendable, Equatable {
    /// The figure's name in a threshold: `rtt.p99`.
    package let name: String
    /// The keys from the stream to the number: `rtt_ns`, `p99`.
    package let path: [String]
    package let better: ComparisonReport.Better

    /// The compared figures. The list is short on purpose: each figure increases the runs that the
    /// others need, because the winners of a table are corrected together (``Family``).
    package static let all = [
        ComparedFigure("loss.ratio", ["loss", "ratio"]),
        ComparedFigure("duplication.fraction", ["duplication", "fraction"]),
        ComparedFigure("reordering.ratio", ["reordering", "ratio"]),
        ComparedFigure("rtt.p50", ["rtt_ns", "p50"]),
        ComparedFigure("rtt.p99", ["rtt_ns", "p99"]),
        ComparedFigure("one_way.p50", ["one_way_ns", "p50"]),
        ComparedFigure("one_way.p99", ["one_way_ns", "p99"]),
        ComparedFigure("throughput.received_pps", ["throughput", "received_pps"], .higher),
    ]

    /// Makes the figure of a bound, which is better if the bound is kept.
    init(_ gate: RegressionGate) {
        let known = Self.all.first { $0.path == gate.path }
        name = known?.name ?? gate.path.joined(separator: ".")
        path = gate.path
        better = gate.isOnRise ? .lower : .higher
    }

    private init(_ name: String, _ path: [String], _ better: ComparisonReport.Better = .lower) {
        self.name = name
        self.path = path
        self.better = better
    }

    package var unit: ReportUnit? { ReportFormat.streamField(path)?.unit }
}
