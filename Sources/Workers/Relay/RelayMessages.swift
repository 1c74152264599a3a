import Datagrams
import Impairment
import Metrics

/// What a relay worker is to be.
package struct RelayAssignment: Codable, Sendable {
    /// `127.0.0.1:0` for a free port, which `Ready` names.
    package var listen: String
    /// The instances of the responder; where there are several, each expected stream says which
    /// of them its datagrams go to, and what is of none goes to the first.
    package var targets: [String]
    package var forward: Impairment
    package var backward: Impairment
    package var seed: Int
    package var runId: Int
    /// Whose probes are expected: each session is a flow then, and its number less one the flow's.
    /// Empty for any traffic: each client address is a flow, numbered in the order of appearance.
    package var streams: [ExpectedStreamOrder]
    /// The client of each flow of the expected streams, in their order, −1 for one whose port
    /// changes. Each client has a socket towards its target from the beginning, whose address
    /// `Ready` names, so that the responder knows where each flow's datagrams come from; who the
    /// clients are, the start says. Empty where a client is whoever sends first.
    package var clientOfFlow: [Int] = []
    /// What is held, with all that keeps it in order, never takes more.
    package var memoryBytes: Int
    /// Client addresses at once; each has a socket of its own towards the target. In the lab:
    /// those of the run.
    package var flowsLimit: Int
    /// A client that nothing has come from or for in this time is forgotten.
    package var idleNs: Int64
    package var kernelTimestamps: Bool
    /// How long before a due time the thread stops sleeping: worth it where a processor is free.
    package var spinNs: Int64
    package var cpus: [Int]?
    package var singleCalls = SingleCalls()
    /// A file that exists, to which a row per datagram is appended.
    package var logPath: String?

    /// How long a datagram that is to be overtaken waits for later ones of its flow.
    package static let overtakePatienceNs: Int64 = 200_000_000
    package static let memoryBytesDefault = 64 << 20
    package static let flowsLimitDefault = 1024
    /// In the lab, client addresses of which nothing came that is of the run. Further ones are
    /// not served (`noFlow`): no stranger takes a place away from a flow.
    package static let strangersLimit = 8
    /// RFC 4787 REQ-5: a NAT forgets a UDP mapping after two minutes at the earliest.
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

    /// Whether the relay knows the streams of a run, and tells them from what strangers send.
    var isLab: Bool { streams.contains { $0.flows > 0 } }

    /// How many clients are known from the beginning.
    var clients: Int { (clientOfFlow.max() ?? -1) + 1 }

    /// Client addresses at once, strangers' included.
    var pathsLimit: Int { flowsLimit + (isLab ? Self.strangersLimit : 0) }

    func impairment(_ direction: Direction) -> Impairment {
        direction == .forward ? forward : backward
    }
}

/// What a relay is to do to datagrams from now on; what it holds keeps its time.
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
    /// What the relay adds of its own: from the arrival of a datagram that is not to be delayed
    /// to the send call, and for one that is, how much later than due it left.
    package var ownDelayNs: DelaySummary?
    /// Client addresses that had a flow.
    package var flows: Int
    /// Of these, how many lost it to a newer one because of the limit, and how many to idleness.
    package var flowsEvicted: Int
    package var flowsIdled: Int
    /// ICMP port unreachable messages: of the target (its port is closed), and of clients that
    /// are gone.
    package var targetResets: Int
    package var clientResets: Int
    /// Errors of send calls by name, also of those that a second try made good.
    package var sendErrors: [String: Int]
    /// Receive calls that failed, by name, resets aside.
    package var receiveErrors: [String: Int]
    /// The most bytes of payload that were held at once.
    package var heldBytesMax: Int
    /// Times that a closed port could not be opened again at once.
    package var reopenFailures: Int
    package var logRowsLost: Int
    /// The first errno of a write to the log that failed.
    package var logErrno: String?
    package var startNs: Int64
    package var endNs: Int64
}

/// The accounts of one direction. Every datagram that came is in exactly one of them:
///
///     received = forwarded + lost + blackholed + refused + tailDropped + noMemory + noFlow
///              + flowGone + sendFailed + heldAtStop + hopLimit
package struct RelayAccounts: Codable, Sendable, Equatable {
    package var received = 0
    /// The send call took it, altered or not; copies are not counted here.
    package var forwarded = 0
    /// By the loss model.
    package var lost = 0
    package var blackholed = 0
    /// Due to leave through the listening port while that was closed.
    package var refused = 0
    package var tailDropped = 0
    package var noMemory = 0
    /// No socket could be had towards the target.
    package var noFlow = 0
    /// Held for a client that was forgotten meanwhile.
    package var flowGone = 0
    package var sendFailed = 0
    package var heldAtStop = 0
    /// Had passed as many hops as its hop limit allows: a ring of relays, as a rule.
    package var hopLimit = 0
    /// Extra copies that left, and those that did not, whatever kept them.
    package var duplicated = 0
    package var copiesDropped = 0
    /// Of `forwarded`: those that left after one of their flow that had come after them (RFC 4737
    /// §3.3, by the order of arrival here; altered ones take no part).
    package var reordered = 0
    /// Datagrams that `reorder` held back and that left before as many later ones of their flow
    /// had come as it says: none came for `RelayAssignment.overtakePatienceNs`, or too many waited.
    package var reorderExpired = 0
    /// Of `forwarded`: those that an alteration changed.
    package var altered = 0
    /// Datagrams that were no probe of an expected stream; they are in the other accounts too.
    package var foreign = 0

    package init() {}

    package var accounted: Int {
        forwarded + lost + blackholed + refused + tailDropped + noMemory + noFlow + flowGone
            + sendFailed + heldAtStop + hopLimit
    }
}

package struct RelayDirectionResult: Codable, Sendable {
    package var accounts: RelayAccounts
    /// What was injected into each datagram that left: queue, delay, jitter and holding back,
    /// without the relay's own; nil where nothing of the kind was asked for.
    package var delayNs: DelaySummary?
    /// SO_MEMINFO of the sockets that receive this direction; `nil` when the kernel does not say.
    package var drops: Int?
    /// Of `forwarded`, by the alteration's `count.key`; one that several altered is in each.
    package var alterations: [String: Int] = [:]
    /// 16 hexadecimal digits that follow from (flow, n, fate) of all datagrams in any order.
    package var decisions: String
    package var streams: [RelayStreamResult]
}

/// The unique probes of one expected stream in one direction.
package struct RelayStreamResult: Codable, Sendable, Equatable {
    /// Probes of which a copy reached the relay.
    package var received = 0
    /// Probes of which an unaltered copy was handed on: `received − delivered − altered − held`
    /// were dropped here.
    package var delivered = 0
    /// Probes of which only altered copies were handed on: whether the far side takes such a
    /// probe for what it was depends on the bits.
    package var altered = 0
    /// Probes that were neither: a copy was still held, or had not been looked at, at the end.
    package var held = 0
    /// Further copies that reached the relay.
    package var duplicates = 0
    /// As `RelayAccounts.reordered`, of this stream.
    package var reordered = 0
    /// So old that the window had forgotten them.
    package var beyondWindow = 0

    package init() {}
}

/// What a relay tells while it runs.
package struct RelayLive: Sendable {
    package var forward = RelayAccounts()
    package var backward = RelayAccounts()
    package var flows = 0
    package var heldBytes = 0

    package init() {}
}
