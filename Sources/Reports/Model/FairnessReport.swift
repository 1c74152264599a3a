/// The shares of a stream's flows in the first copies received, late ones included.
package struct FairnessReport: Codable, Sendable, Equatable {
    /// Jain's index: 1 if all flows received as many, 1 / n if one of n received all. Nil if
    /// nothing was received.
    package var index: Double?
    /// The flow with the fewest first copies, the first of several.
    package var worstFlow: Int
    package var worstReceived: Int
    /// The flow with the most first copies, the first of several.
    package var bestFlow: Int
    package var bestReceived: Int

    /// - Parameter received: The first copies of each flow.
    /// - Returns: Nil for fewer than two flows.
    package init?(received: [Int]) {
        guard received.count > 1, let worst = received.min(), let best = received.max(),
            let worstFlow = received.firstIndex(of: worst),
            let bestFlow = received.firstIndex(of: best)
        else { return nil }
        index = FleetReport.jain(received.map(Double.init))
        (self.worstFlow, worstReceived) = (worstFlow, worst)
        (self.bestFlow, bestReceived) = (bestFlow, best)
    }
}
