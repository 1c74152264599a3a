/// The network of one run, as its holder is to make it.
package struct NetworkAssignment: Codable, Sendable, Equatable {
    /// What datagrams of one direction meet.
    package struct Way: Codable, Sendable, Equatable {
        package var rateBitsPerSecond: Int?
        package var queueBytes: Int?
        package var lossPerBillion = 0
        package var delayNs = 0
        package var jitterNs = 0
        package var duplicatePerBillion = 0

        package init() {}

        var usesNetem: Bool {
            delayNs > 0 || jitterNs > 0 || duplicatePerBillion > 0
        }
    }

    /// The sessions of one expected stream, first and last: what the kernel counts apart.
    package struct Sessions: Codable, Sendable, Equatable {
        package var first: Int
        package var last: Int

        package init(first: Int, last: Int) {
            self.first = first
            self.last = last
        }
    }

    package var forward = Way()
    package var backward = Way()
    package var mtuBytes = 1_500
    package var icmpRatelimitMs: Int?
    package var streams: [Sessions] = []

    package init() {}
}

/// A network that is there.
package struct NetworkReady: Codable, Sendable, Equatable {
    /// The descriptors of the holder by which others join: see `Worker.joinOption`.
    package var nearDescriptor: Int
    package var farDescriptor: Int
    /// Where a responder is reached; `nil` without that version of IP.
    package var farIPv4: String
    package var farIPv6: String?
    /// Made as an ordinary user, through a user namespace.
    package var isInUserNamespace: Bool
    /// Read back on the far side: milliseconds, and messages a second.
    package var icmpRatelimitMs: Int?
    package var icmpMsgsPerSec: Int?
}

/// What the kernel counted of one direction while the network was there.
package struct NetworkWayResult: Codable, Sendable, Equatable {
    /// By expected stream: datagrams that came into the network, that came out of its queues, and
    /// of these the ones that the loss rule dropped.
    package var entered: [Int] = []
    package var arrived: [Int] = []
    package var lost: [Int] = []
    /// The same of datagrams of no expected stream.
    package var enteredOther = 0
    package var arrivedOther = 0
    package var lostOther = 0
    /// What the queues refused, of whatever protocol: tc(8), `dropped`.
    package var queueDrops = 0
    /// Packets that were in the queues still.
    package var queued = 0
}

package struct NetworkResult: Codable, Sendable, Equatable {
    package var forward: NetworkWayResult
    package var backward: NetworkWayResult
    /// What somebody has done to the network meanwhile, as a sentence: its counts say nothing then.
    package var fault: String?
}
