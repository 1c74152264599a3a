/// Reordering: a datagram chosen with `probability` waits until `depth` later datagrams of its flow
/// have arrived, and is delivered after the last of them.
///
/// That last datagram is never held itself, even if chosen: otherwise no datagram would overtake
/// another where all are chosen. So the share probability / (1 + probability) is delivered out of
/// order.
package struct ReorderModel: Codable, Sendable, Equatable {
    package var probability: Probability
    /// The number of later datagrams, at least 1.
    package var depth: Int

    package init(probability: Probability, depth: Int) {
        self.probability = probability
        self.depth = depth
    }

    /// The share of a long flow that is delivered out of order.
    package var effectiveShare: Double { probability.ratio / (1 + probability.ratio) }
}

/// Duplication: a datagram chosen with `probability` arrives 1 + `copies` times.
package struct DuplicateModel: Codable, Sendable, Equatable {
    package var probability: Probability
    /// The number of copies besides the datagram itself, at least 1.
    package var copies: Int

    package init(probability: Probability, copies: Int) {
        self.probability = probability
        self.copies = copies
    }
}
