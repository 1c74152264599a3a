/// A battery of trials instead of a scenario's senders: it tests one echo server under faults of
/// the other side.
package struct BatteryDefinition: Sendable, Equatable {
    package let profile: ResilienceProfile
    /// The duration of the soak, in the profile that has one.
    package let soakNs: Int
}

/// The set of trials of a battery, and of those that have to pass.
package enum ResilienceProfile: String, Sendable, CaseIterable {
    /// The trials that every server must survive, in some ten seconds.
    case basic
    /// All trials: load, storms, garbage, a soak. About a minute.
    case strict
}
