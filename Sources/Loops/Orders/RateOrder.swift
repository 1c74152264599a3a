/// The order to a sender with a first rate to send at another one from now on.
package struct RateOrder: Codable, Sendable {
    /// The datagrams per second of each flow.
    package var pps: Double

    package init(pps: Double) { self.pps = pps }
}
