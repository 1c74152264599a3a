import JSON

/// A network that was made for one run: how, and what the kernel counted in it.
package struct NetworkReport: Codable, Sendable, Equatable {
    /// One direction; nil is what it was not asked to do.
    package struct Way: Codable, Sendable, Equatable {
        package var rateBitsPerSecond: Int?
        package var queueBytes: Int?
        /// What the rate and the queue are made with.
        package var rateBy: String?
        package var lossRatio: Double?
        package var lossBy: String?
        package var delayNs: Int?
        package var jitterNs: Int?
        package var duplicateRatio: Double?
        package var delayBy: String?
        /// Datagrams, by the kernel's own counters; nil where none were needed.
        package var entered: Int?
        package var lost: Int?
        package var queueDrops: Int?

        package init() {}
    }

    package var kind: String
    /// `root` or `user_namespace`.
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
