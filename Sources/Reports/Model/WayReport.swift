import Metrics

/// One direction of a stream: what both of its ends know together.
package struct WayReport: Codable, Sendable, Equatable {
    /// The losses of the direction by what lies between both ends; nil unless both ends count.
    package var loss: Loss?
    /// The one-way delay, of a sink's datagrams or of those whose times both ends have kept.
    package var oneWayNs: DelaySummary?
    /// The longest of these delays as measured, and the error of the clocks.
    package var atMostNs: Int?
    /// The marks with which datagrams arrived; nil unless the plan sets some, and in reports of
    /// older versions.
    package var marks: MarksReport?

    package init() {}

    package struct Loss: Codable, Sendable, Equatable {
        package var count: Int
        /// The share of the datagrams that were sent in this direction; nil if none was.
        package var ratio: Double?

        package init(count: Int, of sent: Int) {
            self.count = count
            ratio = sent > 0 ? Double(count) / Double(sent) : nil
        }
    }
}

extension Ledger {
    /// The datagrams that left the sender and did not come to the responder's host; nil if unknown.
    package var forwardLoss: WayReport.Loss? {
        // Below zero it is a contradiction, which the ledger shows.
        guard let forwardLost, forwardLost >= 0 else { return nil }
        return WayReport.Loss(
            count: forwardLost + (forwardInjected ?? 0) + (forwardCorrupt ?? 0), of: sent)
    }

    /// The answers that left the responder and did not come to the sender's host; nil if unknown,
    /// or if none is sent.
    package var backwardLoss: WayReport.Loss? {
        guard let echoed, let backwardLost, backwardLost >= 0 else { return nil }
        return WayReport.Loss(
            count: backwardLost + (backwardInjected ?? 0) + (backwardCorrupt ?? 0), of: echoed)
    }
}
