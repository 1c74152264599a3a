/// What one leg of a comparison gave in one round.
struct LegFigures: Codable, Equatable, Sendable {
    /// Datagrams a second that the sender gave to the kernel; nil where the tool does not say.
    var sentPps: Double?
    /// Datagrams a second that arrived: at the receiver one way, back at the sender for an echo.
    /// What legs are compared by.
    var receivedPps: Double
    /// As the tool tells it; nil where it does not.
    var lossRatio: Double?
    /// Where the loss is, by account; only udplab knows.
    var lossByAccount: [String: Int]?
    /// Of all processes of the leg, user and system, for each million datagrams that arrived.
    var cpuSecondsPerMillion: Double?

    static func perMillion(_ cpuSeconds: Double, _ datagrams: Int) -> Double? {
        datagrams > 0 ? cpuSeconds * 1e6 / Double(datagrams) : nil
    }

    static func lossRatio(sent: Int, received: Int) -> Double? {
        sent > 0 ? Double(max(0, sent - received)) / Double(sent) : nil
    }
}
