/// One stream: flows that send alike.
package struct SenderDefinition: Sendable, Equatable {
    package enum Rate: Sendable, Equatable {
        /// Packets per second of each flow.
        case perFlow(pps: Double)
        /// As fast as the window, or towards a sink the socket, takes it.
        case max
    }

    package enum Kind: String, Sendable {
        /// Sends from lasting ports and awaits the answers.
        case probes
        /// Sends each burst from a port that is closed at once.
        case hitAndRun = "hit-and-run"
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
    package let timestamps: TimestampSource
    /// `auto` at `max`, where there is no slot to wait for.
    package let pacing: PacingMode
    /// How many datagrams a sender with a rate may send at once to make up for slots that it was
    /// late for; what is beyond is skipped. 1 at `max`, where nothing is late.
    package let maxBurst: Int
    /// Threads that the flows are spread over, at most one per flow.
    package let threads: Int
    /// The first sequence number of every flow.
    package let startSequence: Int
    package let kind: Kind
    /// Datagrams from one port of a hit-and-run sender; 1 for probes.
    package let burst: Int
    package let socket: SocketChoice
    package let onReset: ResetPolicy
    /// Whether udplab's own responder compares whole payloads, as the sender does.
    package let verifies: Bool
}
