import Datagrams
import Plans
import Workers

/// Everything about a run that is decided before its workers start: session numbers, processors,
/// windows, orders.
struct RunLayout: Sendable {
    enum ResponderKind: Sendable { case echo, sink, command, none }

    /// Past this many intervals the interval grows, so that a report stays readable.
    static let intervalsLimit = 3_600
    /// Datagrams per system call at `rate: max`.
    static let batch = 64
    /// Unanswered datagrams of a closed loop: enough for a sender and a responder to work side
    /// by side, few enough for the caches.
    static let windowTarget = 4 * batch
    /// What a socket buffer is taken to hold where nobody says: net.core.rmem_default.
    static let bufferAssumedBytes = 212_992
    static let outputLinesKept = 20

    let identity: RunIdentity
    /// A path network's address.
    let pathTarget: SocketAddress?
    let options: RunOptions
    let runID: Int
    /// Wall time less monotonic time, the same for all workers of the run.
    let anchorNs: Int64
    let progress: LiveProgress
    let logPrefix: String
    private let cpus: [Int]

    init(
        identity: RunIdentity, options: RunOptions, logsSeveralStreams: Bool,
        pathTarget: SocketAddress?
    ) {
        self.identity = identity
        self.pathTarget = pathTarget
        self.options = options
        // Random and not of the plan's seed: an answer to an earlier run must not look like one
        // to this.
        runID = Int.random(in: 1...Int.max)
        anchorNs = WallTime.anchorNs()
        progress = LiveProgress(senders: identity.scenario.senders.count)
        let name = "\(identity.scenario.name).\(identity.network.name).\(identity.repetition)."
        logPrefix = logsSeveralStreams ? name : ""
        let allowed = DataThread.allowedCPUs()
        let responders = identity.isOnLoopback && !identity.hasCommand ? 1 : 0
        // Pinning pays only when every data thread has a processor of its own.
        let threads = identity.scenario.senders.count + responders
        cpus = allowed.count >= threads && !identity.hasCommand ? allowed : []
    }

    private var scenario: ScenarioDefinition { identity.scenario }

    var responder: ResponderDefinition? { identity.isOnLoopback ? scenario.responder : nil }

    var responderKind: ResponderKind {
        switch responder?.kind {
        case .echo: .echo
        case .sink: .sink
        case .command: .command
        case nil: .none
        }
    }

    // MARK: - Sessions

    /// Where the sessions of sender `index` begin: its warm-up's first, if there is one, then
    /// those of what is measured. Session 0 stays unused.
    func firstSession(_ index: Int) -> Int {
        scenario.senders[..<index].reduce(1) { $0 + $1.flows * phases }
    }

    var phases: Int { scenario.warmUpNs > 0 ? 2 : 1 }

    /// What each flow of each expected stream sent, in the order of `expectedStreams`; nothing of
    /// a sender that gave no result.
    func sentByStream(_ results: [WorkerResult?]) -> [[Int]] {
        results.flatMap { result -> [[Int]] in
            guard let sender = result?.sender else {
                return Array(repeating: [], count: phases)
            }
            return phases == 2
                ? [sender.warmUpSentByFlow, sender.sentByFlow] : [sender.sentByFlow]
        }
    }

    /// The expected stream that holds what sender `index` sent while it was measured.
    func measuredStream(_ index: Int) -> Int { index * phases + phases - 1 }

    private var expectedStreams: [ExpectedStreamOrder] {
        scenario.senders.indices.flatMap { index in
            (0..<phases).map { phase in
                let sender = scenario.senders[index]
                let isMeasured = phase == phases - 1
                return ExpectedStreamOrder(
                    firstSession: firstSession(index) + phase * sender.flows,
                    flows: sender.flows, payloadBytes: sender.payloadBytes,
                    firstSequence: isMeasured ? sender.startSequence : 0,
                    timeoutNs: Int64(scenario.timeoutNs), windowCapacity: windowSlots(sender),
                    intervalNs: intervalNs(sender), maxIntervals: Self.intervalsLimit)
            }
        }
    }

    private func windowSlots(_ sender: SenderDefinition) -> Int {
        sender.windowSlots(timeoutNs: scenario.timeoutNs)
    }

    /// A second, or as long as it takes for the whole run to fit.
    private func intervalNs(_ sender: SenderDefinition) -> Int64 {
        let total = Int64(sender.expectedDurationNs ?? 0) + Int64(scenario.timeoutNs)
        let second: Int64 = 1_000_000_000
        return second
            * max(1, (total / second + Int64(Self.intervalsLimit) - 1) / Int64(Self.intervalsLimit))
    }

    // MARK: - Assignments

    func senderAssignment(
        _ index: Int, target: SocketAddress, responderBufferBytes: Int?
    ) -> SenderAssignment {
        let sender = scenario.senders[index]
        let isOneWay = responderKind == .sink
        var ratePps: Double?
        if case .perFlow(let pps) = sender.rate { ratePps = pps }
        var durationNs: Int64?
        if case .durationNs(let ns) = sender.length { durationNs = Int64(ns) }
        let isMax = ratePps == nil
        return SenderAssignment(
            name: sender.name, target: target.description, runId: runID, anchorNs: anchorNs,
            flows: sender.flows, payloadBytes: sender.payloadBytes, ratePps: ratePps,
            window: isMax && !isOneWay
                ? sender.window ?? defaultWindow(sender, responderBufferBytes) : nil,
            durationNs: durationNs, count: sender.datagramsPerFlow,
            warmUpNs: Int64(scenario.warmUpNs), timeoutNs: Int64(scenario.timeoutNs),
            firstSession: firstSession(index), firstSequence: sender.startSequence,
            windowSlots: windowSlots(sender), isOneWay: isOneWay,
            // Our own responder answers each datagram once, and loopback adds none.
            endsWithLastAnswer: responderKind == .echo,
            batch: sender.offload.sendmmsg == .off ? 1 : Self.batch,
            cpu: index < cpus.count ? cpus[index] : nil, intervalNs: intervalNs(sender),
            maxIntervals: Self.intervalsLimit, logPath: options.datagramLog,
            logPrefix: logPrefix.isEmpty && scenario.senders.count == 1
                ? "" : "\(logPrefix)\(sender.name).")
    }

    /// How many datagrams of a flow may be on the way towards an echo: what both socket buffers
    /// hold, shared by all flows that are sent at once, with room to spare.
    private func defaultWindow(
        _ sender: SenderDefinition, _ responderBufferBytes: Int?
    ) -> Int {
        let flows = scenario.senders.reduce(0) { $0 + $1.flows }
        let bufferBytes = responderBufferBytes.flatMap { $0 > 0 ? $0 : nil }
        let held = (bufferBytes ?? Self.bufferAssumedBytes) / Self.truesizeBytes(sender) / 2
        return max(1, min(Self.windowTarget, held) / flows)
    }

    /// What the kernel charges a buffer for one datagram, rounded up: the payload, headers and
    /// `sk_buff`, and the slack of the allocation (include/linux/skbuff.h, SKB_TRUESIZE).
    private static func truesizeBytes(_ sender: SenderDefinition) -> Int {
        2 * sender.payloadBytes + 1_024
    }

    func responderAssignment() throws(StartError) -> Assignment? {
        guard let responder else { return nil }
        switch responder.kind {
        case .echo(let buffer), .sink(let buffer):
            let address = try RunTarget.local(responder.address, pickingPort: false)
            return Assignment(
                responder: ResponderAssignment(
                    address: address.description, echoes: responderKind == .echo, runId: runID,
                    anchorNs: anchorNs, receiveBufferBytes: buffer ?? LinuxKernel.bufferBytesAsked,
                    cpu: cpus.isEmpty ? nil : cpus[scenario.senders.count],
                    streams: expectedStreams))
        case .command(let command):
            let address = try RunTarget.local(responder.address, pickingPort: true)
            return Assignment(
                command: CommandAssignment(
                    command: command.words(host: address.host, port: address.port),
                    address: address.description,
                    readyTimeoutNs: Int64(command.readyTimeoutNs),
                    outputLines: command.outputLines))
        }
    }

    // MARK: - Deadlines

    var responderReadyWithin: Duration {
        guard case .command(let command)? = responder?.kind else { return .zero }
        return .nanoseconds(command.readyTimeoutNs)
    }

    /// When a sender's result is overdue: all that it has to do, twice the timeout, and a margin
    /// for a loaded machine. A count at `rate: max` has no time of its own.
    var resultWithin: Duration {
        let longest = scenario.senders.map { $0.expectedDurationNs ?? 86_400_000_000_000 }.max()
        let planned = (longest ?? 0) + scenario.warmUpNs + 3 * scenario.timeoutNs
        return .nanoseconds(planned) + .seconds(30)
    }
}

extension RunIdentity {
    var isOnLoopback: Bool {
        if case .loopback = network.kind { return true }
        return false
    }

    var hasCommand: Bool {
        if case .command? = scenario.responder?.kind { return isOnLoopback }
        return false
    }
}
