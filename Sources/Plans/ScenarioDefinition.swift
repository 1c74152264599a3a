import Load

/// One experiment: it runs once per network and repeat.
package struct ScenarioDefinition: Sendable, Equatable {
    package let name: String
    package let networks: [NetworkDefinition]
    /// The responder on `loopback` and `emulated` networks; nil if all networks are paths.
    package var responder: ResponderDefinition?
    package let repeats: Int
    package let order: RunOrder
    /// The duration of the load before the measurement, which counts in no figure.
    package let warmUpNs: Int
    /// The Tmax of RFC 7680: an answer that takes longer is late, and its probe lost.
    package let timeoutNs: Int
    /// The share of the scheduled datagrams that may be skipped, stay in a local queue or be
    /// dropped by a full receive buffer before the verdict is `inconclusive`. 0…1.
    package var tolerance: Double
    package var senders: [SenderDefinition]
    /// The events in the order of time.
    package var timeline: [TimelineEvent]
    package var thresholds: [Threshold]
    /// The battery, which replaces the senders.
    package let battery: BatteryDefinition?
    /// The search, each of whose trials is an execution of the scenario.
    package var search: SearchDefinition?
    /// Whether the load runs over loopback before the scenario does.
    package var calibrates = false
}
