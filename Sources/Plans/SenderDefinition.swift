/// One stream: flows that send alike.
package struct SenderDefinition: Sendable, Equatable {
    package enum Rate: Sendable, Equatable {
        /// Packets per second of each flow.
        case perFlow(pps: Double)
        /// As fast as the window, or towards a sink the socket, takes it.
        case max
    }

    /// When a flow ends.
    package enum Length: Sendable, Equatable {
        case durationNs(Int)
        /// Datagrams per flow.
        case count(Int)
    }

    /// When a flow sends: at equal distances.
    package enum Schedule: String, Sendable {
        case constant
    }

    package let name: String
    package let flows: Int
    package let rate: Rate
    /// UDP payload of every datagram.
    package let payloadBytes: Int
    package let length: Length
    package let schedule: Schedule
    /// Datagrams without an answer that a flow at `max` keeps on the way; nil leaves it to what
    /// the socket buffers hold.
    package let window: Int?
    package let offload: OffloadKnobs
    /// The first sequence number of every flow.
    package let startSequence: Int
}

/// The batch and offload features of a stream (design §7).
package struct OffloadKnobs: Sendable, Equatable {
    package enum Knob: String, Sendable {
        /// Used where it works and helps.
        case auto
        /// Must be used.
        case on
        case off
    }

    package var sendmmsg = Knob.auto
    package var gso = Knob.auto
    package var recvmmsg = Knob.auto
    package var gro = Knob.auto
}
