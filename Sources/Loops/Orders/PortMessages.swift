/// The order to a responder to close its port, or to open it again at the same address.
package struct PortOrder: Codable, Sendable {
    package var opens: Bool

    package init(opens: Bool) { self.opens = opens }
}

/// The reply of a responder to a port order.
package struct PortReply: Codable, Sendable {
    package var isOpen: Bool
    /// The monotonic time at which the last of its sockets was closed or open again.
    package var atNs: Int64
    /// The reason of a failure.
    package var fault: String?

    package init(isOpen: Bool, atNs: Int64, fault: String? = nil) {
        self.isOpen = isOpen
        self.atNs = atNs
        self.fault = fault
    }
}
