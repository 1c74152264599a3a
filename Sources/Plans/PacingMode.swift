/// How a sender with a rate waits for its next slot.
package enum PacingMode: String, Sendable {
    /// Sleeps, then spins for the rest of the way where cores are not short.
    case auto
    /// Only sleeps: late by what the kernel takes to wake a thread, and nobody's core is burnt.
    case sleep
    /// Sleeps, then spins in any case, within the bound of a spin.
    case spin
}
