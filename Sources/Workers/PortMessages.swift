import Glibc

/// To a responder: close its port, or open it again at the same address.
package struct PortOrder: Codable, Sendable {
    package var opens: Bool

    package init(opens: Bool) { self.opens = opens }
}

/// A responder did what it was told with its port.
package struct PortReply: Codable, Sendable {
    package var isOpen: Bool
    /// When the last of its sockets was closed or open again: monotonic time.
    package var atNs: Int64
    /// Why it could not.
    package var fault: String?
}

extension LoopControl {
    /// How long the data threads may take to do what they are told with the port.
    static let portPatienceNs: Int64 = 5_000_000_000
    static let portLookNs: UInt32 = 200

    /// Called by the control thread: has all `lanes` close or open their port, and waits for it.
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
