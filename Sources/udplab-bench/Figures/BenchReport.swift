import JSON
import Lab
import Reports

/// The content of `Reports/bench-….json`.
struct BenchReport: Codable, Sendable {
    /// The version of this format.
    var bench = 1
    var started: UTCTime
    var finished: UTCTime
    var rounds: Int
    /// The seconds of load in each round of each leg.
    var seconds: Int
    var host: HostFacts
    var programs: [PeerPrograms.Program]
    /// The socket buffer size given to the other tools; nil is the kernel's default.
    var peerSocketBufferBytes: Int?
    var comparisons: [ComparisonReport] = []
    var pacing: [PacingFigures] = []
    var memory: MemoryFigures?
    var relay: RelayFigures?
    /// The queries beside dnsperf; nil if they were not measured, or a program is missing.
    var dns: DNSFigures?
    var goals: [Goal] = []

    /// Whether a leg of udplab or of the raw loop has no figure: then the benchmark failed.
    /// Failures of the other tools do not count.
    var hasOwnFailure: Bool {
        comparisons.contains { comparison in
            comparison.legs.prefix(2).contains { $0.receivedPps == nil }
        } || pacing.contains { $0.medianErrorNs == nil } || memory.map { $0.ratio == nil } ?? false
            || relay.map { $0.lossRatio == nil || $0.lossAndDelayRatio == nil } ?? false
            || dns.map { $0.ratio == nil } ?? false
    }
}
