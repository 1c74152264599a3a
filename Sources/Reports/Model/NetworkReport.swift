import JSON

/// A network that was made for one run: its setup, and the kernel's counters.
package struct NetworkReport: Codable, Sendable, Equatable {
    /// A direction of the network; nil for impairments that were not requested.
    package struct Way: Codable, Sendable, Equatable {
        package var rateBitsPerSecond: Int?
        package var queueBytes: Int?
        /// The means that implement the rate and the queue.
        package var rateBy: String?
        package var lossRatio: Double?
        package var lossBy: String?
        package var delayNs: Int?
        package var jitterNs: Int?
        package var duplicateRatio: Double?
        package var delayBy: String?
        /// The datagrams that entered, by the kernel's own counters; nil if none were needed.
        package var entered: Int?
        package var lost: Int?
        package var queueDrops: Int?

        package init() {}
    }

    package var kind: String
    /// The permission with which the network was made: `root` or `user_namespace`.
    package var madeAs: String
    package var mtuBytes: Int
    package var icmpRatelimit: Int?
    package var icmpMsgsPerSec: Int?
    package var forward: Way
    package var backward: Way

    package init(kind: String, madeAs: String, mtuBytes: Int, forward: Way, backward: Way) {
        self.kind = kind
        self.madeAs = madeAs
        self.mtuBytes = mtuBytes
        self.forward = forward
        self.backward = backward
    }
}
