/// The direction of a datagram through a network.
package enum Direction: UInt8, Codable, Sendable, CaseIterable {
    /// From the sender to the responder.
    case forward
    /// From the responder to the sender.
    case backward
}
