/// A stream: flows that send in the same way.
package struct SenderDefinition: Codable, Sendable, Equatable {
    package enum Rate: Codable, Sendable, Equatable {
        /// A rate in packets per second of each flow; where the schedule has another, the one of a
        /// warm-up.
        case perFlow(pps: Double)
        /// The maximum rate that the window, or towards a sink the socket, allows.
        case max
    }

    package enum Kind: String, Codable, Sendable {
        /// Sends from permanent ports and awaits the answers.
        case probes
        /// Sends each burst from a port of its own, which is closed at once.
        case hitAndRun = "hit-and-run"
    }

    /// The condition that ends a flow.
    package enum Length: Codable, Sendable, Equatable {
        case durationNs(Int)
        /// A number of datagrams per flow.
        case count(Int)
    }

    package var name: String
    package var flows: Int
    package var rate: Rate
    /// The UDP payload of every datagram in bytes; of the largest request.
    package var payloadBytes: Int
    /// The sizes of the probes, if they differ: the largest is `payloadBytes`.
    package var sizes: PayloadSizes?
    /// The profile that says what is sent and when; nil without one.
    package var profile: TrafficProfile?
    package var length: Length
    package var schedule: SendSchedule
    /// The maximum number of outstanding datagrams of a flow at `max`; nil leaves the limit to the
    /// socket buffers.
    package var window: Int?
    /// The think time of a closed loop, of which each flow has `window` users; nil without one.
    package var think: ThinkTime?
    package var offload: OffloadKnobs
    package var timestamps: TimestampSource
    /// The pacing mode; `auto` at `max`, where there is no slot to wait for.
    package var pacing: PacingMode
    /// The maximum number of datagrams that a sender with a rate may send at once to make up for
    /// late slots; further late slots are skipped. 1 at `max`, where nothing is late.
    package var maxBurst: Int
    /// The threads that share the flows, at most one per flow.
    package var threads: Int
    /// The first sequence number of every flow.
    package var startSequence: Int
    package var kind: Kind
    /// The datagrams from one port of an ephemeral-port sender; 1 for probes.
    package var burst: Int
    package var socket: SocketKind
    package var onReset: RetryPolicy
    /// Whether udplab's own responder compares whole payloads, as the sender does.
    package var verifies: Bool
    /// The requests in place of probes; nil for probes.
    package var request: RequestDefinition?
    /// The IP header and the socket.
    package var options = SendOptions()
    /// The host of the plan from which it sends; nil for the runner's own.
    package var host: String?
    /// The hosts that share the stream; nil for one host.
    package var fleet: Fleet?
    /// The instance of the responder that answers all flows; nil if the instances share them.
    package var instance: Int?

    /// Several hosts that send one stream together.
    package struct Fleet: Codable, Sendable, Equatable {
        /// The name of the stream: each host's sender has one of its own.
        package var name: String
        package var hosts: [String]
        /// Whether the flows are shared out among the hosts; otherwise each has all of them.
        package var sharesFlows: Bool

        package init(name: String, hosts: [String], sharesFlows: Bool) {
            self.name = name
            self.hosts = hosts
            self.sharesFlows = sharesFlows
        }
    }

    /// The mean UDP payload of a datagram in bytes; nil for requests whose sizes differ.
    package var meanBytes: Double? {
        if let request { return request.meanBytes }
        return sizes?.meanBytes ?? Double(payloadBytes)
    }

    package init(
        name: String, flows: Int = 1, rate: Rate, payloadBytes: Int, length: Length,
        schedule: SendSchedule = .constant, window: Int? = nil,
        offload: OffloadKnobs = OffloadKnobs(),
        timestamps: TimestampSource = .auto, pacing: PacingMode = .auto, maxBurst: Int = 1,
        threads: Int = 1, startSequence: Int = 0, kind: Kind = .probes, burst: Int = 1,
        socket: SocketKind = .connected, onReset: RetryPolicy = .always, verifies: Bool = false
    ) {
        self.name = name
        self.flows = flows
        self.rate = rate
        self.payloadBytes = payloadBytes
        self.length = length
        self.schedule = schedule
        self.window = window
        self.offload = offload
        self.timestamps = timestamps
        self.pacing = pacing
        self.maxBurst = maxBurst
        self.threads = threads
        self.startSequence = startSequence
        self.kind = kind
        self.burst = burst
        self.socket = socket
        self.onReset = onReset
        self.verifies = verifies
    }
}

extension SenderDefinition {
    /// The mean rate of each flow in packets per second; nil at `max`.
    package var ratePps: Double? {
        guard case .perFlow(let pps) = rate else { return nil }
        return schedule.meanPps(of: pps, overNs: durationNs)
    }

    /// The greatest rate of each flow at any time; nil at `max`.
    package var peakPps: Double? {
        if case .perFlow(let pps) = rate { schedule.peakPps(of: pps) } else { nil }
    }

    /// The time for which each flow sends; nil if a count is the limit.
    package var durationNs: Int? { if case .durationNs(let ns) = length { ns } else { nil } }
}
