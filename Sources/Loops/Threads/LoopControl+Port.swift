import Glibc

extension LoopControl {
    /// The time limit for the data threads to carry out a port order.
    static let portPatienceNs: Int64 = 5_000_000_000
    static let portLookNs: UInt32 = 200

    /// Has all `lanes` close or open their port, and waits for them. Called by the control thread.
    package func switchPort(_ order: PortOrder, lanes: Int, nowNs: () -> Int64) -> PortReply {
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
