package enum ReportUnit: String, Sendable {
    case count
    case nanoseconds = "ns"
    case seconds = "s"
    case milliseconds = "ms"
    case bytes = "B"
    /// A ratio; 0.02 is 2 %.
    case ratio
    case packetsPerSecond = "pps"
    case bitsPerSecond = "bit/s"
}
