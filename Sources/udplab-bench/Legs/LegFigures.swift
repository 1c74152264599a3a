/// The figures of one leg of a comparison in one round.
struct LegFigures: Codable, Equatable, Sendable {
    /// The datagrams per second that the sender passed to the kernel; nil if the tool does not
    /// report them.
    var sentPps: Double?
    /// The datagrams per second that arrived: at the receiver one way, back at the sender for an
    /// echo. Legs are compared by this figure.
    var receivedPps: Double
    /// The loss as reported by the tool; nil if it does not report it.
    var lossRatio: Double?
    /// The losses by account, which only udplab reports.
    var lossByAccount: [String: Int]?
    /// The CPU time of all processes of the leg, user and system, per million datagrams that
    /// arrived.
    var cpuSecondsPerMillion: Double?

    static func perMillion(_ cpuSeconds: Double, _ datagrams: Int) -> Double? {
        datagrams > 0 ? cpuSeconds * 1e6 / Double(datagrams) : nil
    }

    static func lossRatio(sent: Int, received: Int) -> Double? {
        sent > 0 ? Double(max(0, sent - received)) / Double(sent) : nil
    }
}
