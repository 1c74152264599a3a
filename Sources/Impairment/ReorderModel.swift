/// A datagram that is chosen with `probability` waits until `depth` later ones of its flow have
/// come, and is delivered behind the last of them.
///
/// That last one is not held back itself, chosen or not: else nothing would overtake anything
/// where all are chosen. So the share probability / (1 + probability) is delivered out of order.
package struct ReorderModel: Codable, Sendable, Equatable {
    package var probability: Probability
    /// At least 1.
    package var depth: Int

    package init(probability: Probability, depth: Int) {
        self.probability = probability
        self.depth = depth
    }

    /// The share of a long flow that is delivered out of order.
    package var effectiveShare: Double { probability.ratio / (1 + probability.ratio) }
}

/// A datagram that is chosen with `probability` arrives 1 + `copies` times.
package struct DuplicateModel: Codable, Sendable, Equatable {
    package var probability: Probability
    /// Beside the datagram itself, at least 1.
    package var copies: Int

    package init(probability: Probability, copies: Int) {
        self.probability = probability
        self.copies = copies
    }
}
