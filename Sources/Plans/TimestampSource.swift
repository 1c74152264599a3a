/// Who takes the receive times of a stream.
package enum TimestampSource: String, Sendable {
    /// The kernel where it can, and udplab where not.
    case auto
    /// The kernel, when a datagram enters the receive path (SO_TIMESTAMPNS, socket(7)): a delay
    /// then lacks the wake-up of the thread that reads it.
    case kernel
    /// udplab, when the receive call has returned.
    case user
}
