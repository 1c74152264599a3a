import Glibc

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
}

extension LoopControl {
    /// The time limit for the data threads to carry out a port order.
    static let portPatienceNs: Int64 = 5_000_000_000
    static let portLookNs: UInt32 = 200

    /// Has all `lanes` close or open their port, and waits for them. Called by the control thread.
    func switchPort(_ order: PortOrder, lanes: Int, nowNs: () -> Int64) -> PortReply {
        let untilNs = nowNs() + Self.portPatienceNs
        orderPort()
        while portsSwitched < lanes {
            guard nowNs() < untilNs else {
                return PortReply(
                    isOpen: !order.opens, atNs: nowNs(),
                    fault:
                        "its loop had ended: there is no port to \(order.opens ? "open" : "close")"
                )
            }
            usleep(Self.portLookNs)
        }
        let (atNs, fault) = lastPortSwitch
        return PortReply(isOpen: order.opens == (fault == nil), atNs: atNs, fault: fault)
    }
}
