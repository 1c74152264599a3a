/// A stream: flows that send in the same way.
package struct SenderDefinition: Sendable, Equatable {
    package enum Rate: Sendable, Equatable {
        /// A rate in packets per second of each flow.
        case perFlow(pps: Double)
        /// The maximum rate that the window, or towards a sink the socket, allows.
        case max
    }

    package enum Kind: String, Sendable {
        /// Sends from permanent ports and awaits the answers.
        case probes
        /// Sends each burst from a port of its own, which is closed at once.
        case hitAndRun = "hit-and-run"
    }

    /// The condition that ends a flow.
    package enum Length: Sendable, Equatable {
        case durationNs(Int)
        /// A number of datagrams per flow.
        case count(Int)
    }

    /// The distribution of a flow's send times: at equal distances.
    package enum Schedule: String, Sendable {
        case constant
    }

    package let name: String
    package let flows: Int
    package let rate: Rate
    /// The UDP payload of every datagram in bytes.
    package let payloadBytes: Int
    package let length: Length
    package let schedule: Schedule
    /// The maximum number of outstanding datagrams of a flow at `max`; nil leaves the limit to the
    /// socket buffers.
    package let window: Int?
    package let offload: OffloadKnobs
    package let timestamps: TimestampSource
    /// The pacing mode; `auto` at `max`, where there is no slot to wait for.
    package let pacing: PacingMode
    /// The maximum number of datagrams that a sender with a rate may send at once to make up for
    /// late slots; further late slots are skipped. 1 at `max`, where nothing is late.
    package let maxBurst: Int
    /// The threads that share the flows, at most one per flow.
    package let threads: Int
    /// The first sequence number of every flow.
    package let startSequence: Int
    package let kind: Kind
    /// The datagrams from one port of an ephemeral-port sender; 1 for probes.
    package let burst: Int
    package let socket: SocketChoice
    package let onReset: ResetPolicy
    /// Whether udplab's own responder compares whole payloads, as the sender does.
    package let verifies: Bool
}
