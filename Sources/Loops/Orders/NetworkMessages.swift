/// The network of one run, as the holder has to make it.
package struct NetworkAssignment: Codable, Sendable, Equatable {
    /// The impairments of one direction.
    package struct Way: Codable, Sendable, Equatable {
        package var rateBitsPerSecond: Int?
        package var queueBytes: Int?
        package var lossPerBillion = 0
        package var delayNs = 0
        package var jitterNs = 0
        package var duplicatePerBillion = 0

        package init() {}

        package var usesNetem: Bool {
            delayNs > 0 || jitterNs > 0 || duplicatePerBillion > 0
        }
    }

    /// The first and last session of one expected stream, which the kernel counts separately.
    package struct Sessions: Codable, Sendable, Equatable {
        package var first: Int
        package var last: Int

        package init(first: Int, last: Int) {
            self.first = first
            self.last = last
        }

        /// Every datagram, whether it has a session or not.
        package static let all = Sessions(first: 0, last: Int(UInt16.max))
    }

    package var forward = Way()
    package var backward = Way()
    package var mtuBytes = 1_500
    package var icmpRatelimitMs: Int?
    package var streams: [Sessions] = []

    package init() {}
}

/// The properties of a network that exists.
package struct NetworkReady: Codable, Sendable, Equatable {
    /// The holder's descriptors by which other processes join: see `Worker.joinOption`.
    package var nearDescriptor: Int
    package var farDescriptor: Int
    /// The address of a responder; `nil` without that version of IP.
    package var farIPv4: String
    package var farIPv6: String?
    /// Whether an ordinary user made the network, through a user namespace.
    package var isInUserNamespace: Bool
    /// The limits read back on the far side: milliseconds, and messages per second.
    package var icmpRatelimitMs: Int?
    package var icmpMsgsPerSec: Int?

    package init(
        nearDescriptor: Int, farDescriptor: Int, farIPv4: String, farIPv6: String?,
        isInUserNamespace: Bool, icmpRatelimitMs: Int?, icmpMsgsPerSec: Int?
    ) {
        self.nearDescriptor = nearDescriptor
        self.farDescriptor = farDescriptor
        self.farIPv4 = farIPv4
        self.farIPv6 = farIPv6
        self.isInUserNamespace = isInUserNamespace
        self.icmpRatelimitMs = icmpRatelimitMs
        self.icmpMsgsPerSec = icmpMsgsPerSec
    }
}

/// The kernel's counts of one direction while the network existed.
package struct NetworkWayResult: Codable, Sendable, Equatable {
    /// The counts by expected stream: datagrams that entered the network, that left its queues, and
    /// of the latter those dropped by the loss rule.
    package var entered: [Int] = []
    package var arrived: [Int] = []
    package var lost: [Int] = []
    /// The same counts of datagrams of no expected stream.
    package var enteredOther = 0
    package var arrivedOther = 0
    package var lostOther = 0
    /// The packets of any protocol dropped by the queues: tc(8), `dropped`.
    package var queueDrops = 0
    /// The packets still in the queues.
    package var queued = 0

    package init() {}
}

package struct NetworkResult: Codable, Sendable, Equatable {
    package var forward: NetworkWayResult
    package var backward: NetworkWayResult
    /// A change of the network by another party, as a sentence: its counts are meaningless then.
    package var fault: String?

    package init(
        forward: NetworkWayResult, backward: NetworkWayResult, fault: String? = nil
    ) {
        self.forward = forward
        self.backward = backward
        self.fault = fault
    }
}
