import Datagrams
import Impairment
import Metrics

/// The parameters of a relay worker.
package struct RelayAssignment: Codable, Sendable {
    /// The listening address, `127.0.0.1:0` for a free port, which `Ready` reports.
    package var listen: String
    /// The instances of the responder; if there are several, each expected stream has the index of
    /// its target, and other datagrams go to the first.
    package var targets: [String]
    package var forward: Impairment
    package var backward: Impairment
    package var seed: Int
    package var runId: Int
    /// The expected streams: each session is a flow, and its number less one the flow's. Empty for
    /// any traffic: each client address is a flow, numbered in the order of appearance.
    package var streams: [ExpectedStreamOrder]
    /// The client of each flow of the expected streams, in their order, −1 for a flow whose port
    /// changes. Each client has a socket towards its target from the beginning, whose address
    /// `Ready` reports, so that the responder knows the source of each flow's datagrams; the start
    /// order has the clients' addresses. Empty if every source of a datagram becomes a client.
    package var clientOfFlow: [Int] = []
    /// The memory limit for held datagrams and their bookkeeping.
    package var memoryBytes: Int
    /// The maximum number of clients at once; each has a socket of its own towards the target. In
    /// the lab: those of the run.
    package var flowsLimit: Int
    /// The idle time after which a client is forgotten.
    package var idleNs: Int64
    package var kernelTimestamps: Bool
    /// The time before a due time at which the thread stops sleeping and spins, if a CPU is free.
    package var spinNs: Int64
    package var cpus: [Int]?
    package var singleCalls = SingleCalls()
    /// An existing file, to which a row per datagram is appended.
    package var logPath: String?

    /// The time limit for a datagram that waits to be overtaken by later ones of its flow.
    package static let overtakePatienceNs: Int64 = 200_000_000
    package static let memoryBytesDefault = 64 << 20
    package static let flowsLimitDefault = 1024
    /// In the lab, the maximum number of client addresses without any datagram of the run. Further
    /// ones are not served (`noFlow`): no unknown source takes the place of a flow.
    package static let strangersLimit = 8
    /// The default idle time. RFC 4787 REQ-5: a NAT forgets a UDP mapping after two minutes at the
    /// earliest.
    package static let idleNsDefault: Int64 = 120_000_000_000

    package init(
        listen: String, targets: [String], forward: Impairment, backward: Impairment, seed: Int,
        runId: Int = 0, streams: [ExpectedStreamOrder] = [],
        memoryBytes: Int = memoryBytesDefault, flowsLimit: Int = flowsLimitDefault,
        idleNs: Int64 = idleNsDefault, kernelTimestamps: Bool = false, spinNs: Int64 = 0,
        cpus: [Int]? = nil, logPath: String? = nil
    ) {
        self.listen = listen
        self.targets = targets
        self.forward = forward
        self.backward = backward
        self.seed = seed
        self.runId = runId
        self.streams = streams
        self.memoryBytes = memoryBytes
        self.flowsLimit = flowsLimit
        self.idleNs = idleNs
        self.kernelTimestamps = kernelTimestamps
        self.spinNs = spinNs
        self.cpus = cpus
        self.logPath = logPath
    }

    /// Whether the relay knows the streams of a run, and distinguishes them from datagrams of
    /// unknown sources.
    var isLab: Bool { streams.contains { $0.flows > 0 } }

    /// Whether some of the expected streams are of requests, which only their clients tell.
    var hasRequests: Bool { streams.contains(where: \.areRequests) }

    /// The number of clients known from the beginning.
    var clients: Int { (clientOfFlow.max() ?? -1) + 1 }

    /// The maximum number of client addresses at once, those of unknown sources included.
    var pathsLimit: Int { flowsLimit + (isLab ? Self.strangersLimit : 0) }

    func impairment(_ direction: Direction) -> Impairment {
        direction == .forward ? forward : backward
    }
}

/// The order to a relay to change its impairments; held datagrams keep their times.
package struct ImpairmentOrder: Codable, Sendable {
    package var forward: Impairment
    package var backward: Impairment

    package init(forward: Impairment, backward: Impairment) {
        self.forward = forward
        self.backward = backward
    }
}

package struct RelayResult: Codable, Sendable {
    package var forward: RelayDirectionResult
    package var backward: RelayDirectionResult
    /// The relay's own delay: from the arrival of a datagram without delay to the send call, and
    /// for a delayed one the time from its due time to the send call.
    package var ownDelayNs: DelaySummary?
    /// The number of client addresses that had a flow.
    package var flows: Int
    /// The flows evicted because of the limit, and those ended by idleness.
    package var flowsEvicted: Int
    package var flowsIdled: Int
    /// The ICMP port unreachable messages: from the target (its port is closed), and from clients
    /// that have left.
    package var targetResets: Int
    package var clientResets: Int
    /// The errors of send calls by name, including those after which a retry succeeded.
    package var sendErrors: [String: Int]
    /// The failed receive calls by name, without resets.
    package var receiveErrors: [String: Int]
    /// The maximum payload bytes held at once.
    package var heldBytesMax: Int
    /// The number of times that a closed port could not be opened again at once.
    package var reopenFailures: Int
    package var logRowsLost: Int
    /// The probes of the expected streams that did not pass unaltered.
    package var losses: RelayLosses?
    /// The first errno of a failed write to the log.
    package var logErrno: String?
    package var startNs: Int64
    package var endNs: Int64
}

/// The accounts of one direction. Every received datagram is in exactly one of them:
///
///     received = forwarded + lost + blackholed + refused + tailDropped + noMemory + noFlow
///              + flowGone + sendFailed + heldAtStop + hopLimit
package struct RelayAccounts: Codable, Sendable, Equatable {
    package var received = 0
    /// Accepted by the send call, altered or not; copies are not counted here.
    package var forwarded = 0
    /// Lost by the loss model.
    package var lost = 0
    package var blackholed = 0
    /// Due to be sent through the listening port while that was closed.
    package var refused = 0
    package var tailDropped = 0
    package var noMemory = 0
    /// Without a socket towards the target.
    package var noFlow = 0
    /// Held for a client that was forgotten meanwhile.
    package var flowGone = 0
    package var sendFailed = 0
    package var heldAtStop = 0
    /// At the end of the hop limit, usually in a ring of relays.
    package var hopLimit = 0
    /// The extra copies that were sent, and those that were dropped for any reason.
    package var duplicated = 0
    package var copiesDropped = 0
    /// Datagrams in `forwarded` that were sent after a later one of their flow (RFC 4737 §3.3, by
    /// the order of arrival here; altered ones take no part).
    package var reordered = 0
    /// Datagrams held by `reorder` that were sent before the required number of later ones of their
    /// flow had arrived: none arrived for `RelayAssignment.overtakePatienceNs`, or too many waited.
    package var reorderExpired = 0
    /// Datagrams in `forwarded` that an alteration changed.
    package var altered = 0
    /// Datagrams that were not probes of an expected stream; they are in the other accounts too.
    package var foreign = 0

    package init() {}

    package var accounted: Int {
        forwarded + lost + blackholed + refused + tailDropped + noMemory + noFlow + flowGone
            + sendFailed + heldAtStop + hopLimit
    }
}

package struct RelayDirectionResult: Codable, Sendable {
    package var accounts: RelayAccounts
    /// The injected delay of each datagram sent: queue, delay, jitter and reordering, without the
    /// relay's own; nil if no such impairment is configured.
    package var delayNs: DelaySummary?
    /// The SO_MEMINFO drops of the sockets that receive this direction; `nil` if the kernel does
    /// not report drops.
    package var drops: Int?
    /// The altered datagrams in `forwarded`, by the alteration's `count.key`; a datagram with
    /// several alterations is in each.
    package var alterations: [String: Int] = [:]
    /// The decision digest: 16 hexadecimal digits that follow from (flow, n, fate) of all datagrams
    /// in any order.
    package var decisions: String
    package var streams: [RelayStreamResult]
}

/// The unique probes of one expected stream in one direction.
package struct RelayStreamResult: Codable, Sendable, Equatable {
    /// The probes of which a copy reached the relay.
    package var received = 0
    /// The probes of which an unaltered copy was forwarded: `received − delivered − altered − held`
    /// were dropped here.
    package var delivered = 0
    /// The probes of which only altered copies were forwarded: whether the far side recognises such
    /// a probe depends on the bits.
    package var altered = 0
    /// The probes that were neither: a copy was still held, or had not been read, at the end.
    package var held = 0
    /// The further copies that reached the relay.
    package var duplicates = 0
    /// The reordered probes of this stream, as in `RelayAccounts.reordered`.
    package var reordered = 0
    /// The copies that were older than the window.
    package var beyondWindow = 0

    package init() {}
}

/// The figures of a relay while it runs.
package struct RelayLive: Sendable {
    package var forward = RelayAccounts()
    package var backward = RelayAccounts()
    package var flows = 0
    package var heldBytes = 0

    package init() {}
}
