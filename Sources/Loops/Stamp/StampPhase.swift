import STAMP

/// The STAMP part of a sender's phase.
package struct StampPhase: Sendable {
    package var order: StampOrder
    package var packet: TestPacket
    /// The difference of wall time and monotonic time, as in `ProbeLayout`.
    package var anchorNs: Int64
    package var ownErrorNs: Int64?
    /// Whether probes are sent at the end for the numbers of the last answers.
    package var asksAtEnd: Bool

    package init(
        _ order: StampOrder, key: AuthenticationKey?, anchorNs: Int64, ownErrorNs: Int64?,
        asksAtEnd: Bool
    ) {
        self.order = order
        self.anchorNs = anchorNs
        self.ownErrorNs = order.hasOwnClock ? ownErrorNs : nil
        self.asksAtEnd = asksAtEnd && order.splitsLoss && order.settings.isStateful != false
        packet = TestPacket(
            key: key, format: order.settings.format, errorNs: self.ownErrorNs)
    }
}
