import Load

/// A search for the highest rate of one sender of a scenario, which runs the scenario once for each
/// rate that it tries.
package struct SearchDefinition: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// The highest rate without loss, or with at most a share of it (RFC 2544 §26.1).
        case zeroLoss = "zero-loss"
        /// The highest rate at which the scenario's thresholds hold.
        case threshold
        /// The Maximum IP-Layer Capacity by a load that is adjusted while it is sent (RFC 9097), in
        /// one run.
        case rfc9097
    }

    package let kind: Kind
    /// The name of the sender whose rate is searched.
    package let sender: String
    /// The lowest rate of each flow that is tried, or the one at which an adjusted load begins; nil
    /// leaves it to the first trial, or the first row of the table.
    package let leastPps: Double?
    /// The share of the sent datagrams that a trial may lose. 0…1.
    package let lossShare: Double
    /// The width of the answer: the lowest rate that is too high may be above the rate found by
    /// this share.
    package let precision: Double
    /// The length of the last trial.
    package let confirmNs: Int
    package let trialsMost: Int
    /// The time in which the last trial has to begin.
    package let withinNs: Int
}

extension SenderDefinition {
    /// Whether the flows have one rate from beginning to end.
    package var hasOneRate: Bool {
        if case .trace = schedule.arrivals { return false }
        return schedule.profile == nil && schedule.stages.isEmpty
    }
}

extension ScenarioDefinition {
    /// The senders of the trial that needs most: the last one at the highest rate.
    var sendersAtMost: [SenderDefinition] {
        guard let search else { return senders }
        return senders.map { sender in
            var sender = sender
            if sender.name == search.sender { sender.length = .durationNs(search.confirmNs) }
            return sender
        }
    }
}
