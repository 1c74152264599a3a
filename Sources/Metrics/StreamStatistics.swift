/// All figures of one stream on one thread; shared by that thread's flows.
package struct StreamStatistics: ~Copyable {
    package let configuration: StreamConfiguration

    package init(configuration: StreamConfiguration) {
        self.configuration = configuration
    }

    /// Counts probes sent without a ``ProbeWindow``: a sender towards a sink.
    package mutating func recordSent(
        count: Int, sentNs: Int64, intendedNs: Int64, intendedStepNs: Int64 = 0
    ) {}

    package func summary() -> StreamFigures { StreamFigures() }

    package mutating func merge(_ other: borrowing StreamStatistics) {}

    package mutating func intervalSnapshot() -> LiveFigures { LiveFigures() }
}
