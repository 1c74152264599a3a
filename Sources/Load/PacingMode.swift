/// The way a sender with a rate waits for its next slot.
package enum PacingMode: String, Codable, Sendable {
    /// Sleeps, then spins until the slot where cores are not scarce.
    case auto
    /// Only sleeps: late by the kernel's wake-up time, without using a core.
    case sleep
    /// Sleeps, then always spins, within the bound of a spin.
    case spin
}
