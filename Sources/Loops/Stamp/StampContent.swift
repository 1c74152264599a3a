import Datagrams
import Metrics
import STAMP

/// STAMP packets as the content of a sender's datagrams, in place of udplab's own probes
/// (RFC 8762).
package struct StampContent: Sendable {
    let packet: TestPacket
    /// The difference of wall time and monotonic time, as in `ProbeLayout`.
    let anchorNs: Int64
    /// The largest error of the wall clock; nil if it is not known, or is not the timestamps'.
    let ownErrorNs: Int64?
    /// Whether the measurement ends with probes that ask for the numbers of the last answers.
    let asksAtEnd: Bool
    /// The seed of the padding.
    private let seed: UInt32

    /// - Parameter trafficClass: That of the packets, whose codepoint the answers are to have.
    init(
        _ order: StampOrder, key: AuthenticationKey?, runID: UInt64, anchorNs: Int64,
        trafficClass: UInt8 = 0
    ) {
        self.anchorNs = anchorNs
        ownErrorNs = order.hasOwnClock ? WallTime.errorNs() : nil
        packet = TestPacket(
            key: key, format: order.settings.format, errorNs: ownErrorNs,
            asking: order.settings.extensions, codepoint: trafficClass >> 2)
        asksAtEnd =
            order.splitsLoss && (order.settings.isStateful != false || packet.asksCounters)
        seed = ProbeCheck(runID: runID).runTag
    }

    package func prepare(_ template: UnsafeMutableRawPointer, bytes: Int) {
        packet.prepare(template, bytes: bytes, seed: seed)
    }
}
