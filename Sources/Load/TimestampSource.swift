/// The source of the receive times of a stream.
package enum TimestampSource: String, Codable, Sendable {
    /// The kernel if possible, otherwise udplab.
    case auto
    /// The kernel, when a datagram enters the receive path (SO_TIMESTAMPNS, socket(7)): a delay
    /// then excludes the wake-up of the thread that reads the datagram.
    case kernel
    /// udplab, when the receive call has returned.
    case user
}
