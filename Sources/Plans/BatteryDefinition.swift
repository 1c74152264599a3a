/// A battery of trials instead of a scenario's senders: what one echo server does when the
/// other side misbehaves.
package struct BatteryDefinition: Sendable, Equatable {
    package let profile: ResilienceProfile
    /// How long the soak lasts, where the profile has one.
    package let soakNs: Int
}

/// Which trials a battery has, and which of them have to pass.
package enum ResilienceProfile: String, Sendable, CaseIterable {
    /// What every server has to survive, in some ten seconds.
    case basic
    /// All trials: load, storms, garbage, a soak. About a minute.
    case strict
}
