/// One experiment: it runs once per network and repeat.
package struct ScenarioDefinition: Sendable, Equatable {
    package let name: String
    package let networks: [NetworkDefinition]
    /// Used on `loopback` and `emulated` networks; nil when all networks are paths.
    package let responder: ResponderDefinition?
    package let repeats: Int
    package let order: RunOrder
    /// Load before the measurement that counts in no figure.
    package let warmUpNs: Int
    /// Tmax of RFC 7680: an answer that takes longer is late, and its probe lost.
    package let timeoutNs: Int
    /// The share of the scheduled datagrams that may be skipped, stay in a local queue or be
    /// dropped by a full receive buffer before the verdict is `inconclusive` (design §5). 0…1.
    package let tolerance: Double
    package let senders: [SenderDefinition]
    /// In the order of time.
    package let timeline: [TimelineEvent]
    package let thresholds: [Threshold]
    /// In the place of senders, of which there are none then.
    package let battery: BatteryDefinition?
}
