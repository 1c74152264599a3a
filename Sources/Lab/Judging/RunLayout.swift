import Datagrams
import Impairment
import Load
import Loops
import Metrics
import Plans

/// The parameters of a run that are decided before its workers start: session numbers, CPUs,
/// windows, orders.
struct RunLayout: Sendable {
    enum ResponderKind: Sendable { case echo, sink, chat, stamp, command, none }

    /// The number of messages per system call.
    static let batch = 64
    /// The same if a message is a super-packet of up to 64 KiB.
    static let superBatch = 8
    /// The maximum number of datagrams per super-packet, which every kernel since 4.18 accepts
    /// (udp(7)).
    static let segmentsLimit = 64
    /// The number of unanswered calls in a closed loop: enough for a sender and a responder to work
    /// in parallel, few enough for the caches (256 datagrams cost 5 % more CPU time each than 128,
    /// as measured).
    static let windowCalls = 2
    /// The same for super-packets, of which fewer fit into a call.
    static let superWindowCalls = 4
    /// The additional wait for late answers. On loopback an answer is not lost, unless a buffer
    /// overflows: a responder that is descheduled answers late.
    static let latePatienceNs: Int64 = 2_000_000_000
    /// The time before a slot at which a paced thread stops sleeping and reads the clock.
    static let spinNs: Int64 = 50_000
    static let spinOnlyNs: Int64 = 10_000_000
    /// The assumed size of a socket buffer if unknown: net.core.rmem_default.
    static let bufferAssumedBytes = 212_992
    static let outputLinesKept = 20

    var identity: RunIdentity
    /// The parts that the workers behind the senders distinguish: each phase of each sender,
    /// divided by the responder instance that answers. Instances without a flow are left out.
    var parts: [StreamPart] = []
    /// The address of a path network.
    let pathTarget: SocketAddress?
    let options: RunOptions
    /// Whether the kernel has netem, which reduces the relay's work in namespaces.
    let kernelHasNetem: Bool
    /// The other hosts of the run.
    let hosts: RunHosts
    /// The share of the report for the lists of this run.
    let report: ReportBudget
    let runID: Int
    /// The difference of wall time and monotonic time, the same for all workers of the run.
    let anchorNs: Int64
    let progress: LiveProgress
    let logPrefix: String
    let cpus: [Int]
    /// A sentence for the report if there are more busy threads than CPUs.
    let oversubscription: String?

    init(
        identity: RunIdentity, options: RunOptions, logsSeveralStreams: Bool,
        pathTarget: SocketAddress?, kernelHasNetem: Bool, report: ReportBudget,
        hosts: RunHosts = .none
    ) {
        self.identity = identity
        self.report = report
        self.hosts = hosts
        self.kernelHasNetem = kernelHasNetem
        self.pathTarget = pathTarget
        self.options = options
        // Random and not of the plan's seed: an answer to an earlier run must not look like one to
        // this run.
        runID = Int.random(in: 1...Int.max)
        anchorNs = WallTime.anchorNs()
        progress = LiveProgress(senders: identity.scenario.senders.count)
        let name = "\(identity.scenario.name).\(identity.network.name).\(identity.repetition)."
        logPrefix = logsSeveralStreams ? name : ""
        let allowed = DataThread.allowedCPUs()
        let isOwn = identity.network.usesResponder && !identity.hasCommand
        // Of other hosts' processors nothing is used up here.
        let senders = identity.scenario.senders.filter { $0.host == nil }.reduce(0) {
            $0 + $1.threads
        }
        let answering = isOwn ? identity.scenario.responder : nil
        let instances = (0..<(answering?.instances ?? 0)).count {
            answering?.host(ofInstance: $0) == nil
        }
        let threadsOfOne = instances > 0 ? answering?.threads ?? 0 : 0
        let ends = senders + threadsOfOne
        let others = threadsOfOne * max(0, instances - 1)
        let relays =
            identity.network.relayImpairments(kernelHasNetem: kernelHasNetem) == nil ? 0 : 1
        let threads = ends + others + relays
        // Pinning is useful only if every data thread has a CPU of its own.
        cpus = allowed.count >= threads && !identity.hasCommand ? allowed : []
        // Between paced senders a relay mostly sleeps, and instances share the load of one.
        let isPaced = !identity.scenario.senders.contains { $0.rate == .max && $0.think == nil }
        let idle = identity.scenario.senders.count { $0.host == nil && $0.mostlySleeps }
        let busy = isPaced ? ends - idle : threads - idle
        oversubscription =
            busy > allowed.count
            ? "\(busy) data threads share \(allowed.count) processors: rates are lower and "
                + "delays longer than this host's own" : nil
        parts = makeParts()
    }

    var scenario: ScenarioDefinition { identity.scenario }

    /// Returns the seed of a sender's random times and sizes, which are the same on every network.
    func seed(of sender: SenderDefinition) -> Int {
        var seed = RandomStream.mix(UInt64(bitPattern: Int64(identity.seed)))
        for byte in sender.name.utf8 { seed = RandomStream.mix(seed ^ UInt64(byte)) }
        return Int(seed >> 1)
    }

    var responder: ResponderDefinition? {
        identity.network.usesResponder ? scenario.responder : nil
    }

    var responderKind: ResponderKind {
        switch responder?.kind {
        case .own(let own):
            switch own.behaviour {
            case .echo: .echo
            case .sink: .sink
            case .chat: .chat
            case .stamp: .stamp
            }
        case .command: .command
        case nil: .none
        }
    }

    /// The processes of the responder; 1 for a path.
    var instances: Int { responder?.instances ?? 1 }

    /// Returns the instances of the responder that answer a sender.
    func instances(of sender: SenderDefinition) -> Range<Int> {
        sender.instance.map { $0..<$0 + 1 } ?? 0..<instances
    }

    /// Returns the host of an instance of the responder; nil for the runner's own.
    func host(ofInstance instance: Int) -> String? { responder?.host(ofInstance: instance) }

    /// Returns the name of an instance of the responder: `echo`, or `echo#2` if there are several.
    func name(ofInstance instance: Int) -> String {
        let name = responder?.name ?? "responder"
        return instances > 1 ? "\(name)#\(instance + 1)" : name
    }

    func windowSlots(_ sender: SenderDefinition) -> Int {
        sender.windowSlots(timeoutNs: scenario.timeoutNs)
    }

    /// Returns the interval layout of a stream, which is the same at both of its ends.
    func spacing(_ sender: SenderDefinition) -> ReportBudget.Spacing {
        report.spacing(of: sender, in: scenario)
    }

    // MARK: - Assignments

    func senderAssignment(
        _ index: Int, targets: [SocketAddress], responderBufferBytes: Int?
    ) -> SenderAssignment {
        let sender = scenario.senders[index]
        let isOneWay = isOneWay(sender)
        let spacing = spacing(sender)
        var assignment = SenderAssignment(
            sender,
            targets: (scenario.isGroup
                ? Array(targets.prefix(1)) : answering(sender, among: targets)).map(\.description),
            runId: runID, anchorNs: anchorNs,
            timeoutNs: Int64(scenario.timeoutNs), firstSession: firstSession(index),
            windowSlots: windowSlots(sender))
        assignment.sender.schedule.seed = seed(of: sender)
        assignment.sender.sizes?.seed = seed(of: sender)
        if sender.ratePps == nil, !isOneWay {
            if sender.request?.isOneAtATime == true {
                assignment.window = 1
            } else if let window = sender.window ?? (sender.think == nil ? nil : 1) {
                assignment.window = window
            } else {
                assignment.sharedWindow = defaultWindow(sender, responderBufferBytes)
            }
        }
        assignment.firstPps = firstPps(ofSender: index, targets: targets)
        assignment.warmUpNs = Int64(scenario.warmUpNs)
        assignment.isOneWay = isOneWay
        // udplab's own responder answers each datagram once; the network may add copies.
        assignment.endsWithLastAnswer =
            (responderKind == .echo || responderKind == .stamp) && !duplicates
            && !identity.crossesHosts
        assignment.source = end(of: sender.host)?.description
        assignment.latePatienceNs = latePatienceNs
        useCalls(of: sender, in: &assignment)
        assignment.kernelTimestamps = usesKernelTimestamps(sender)
        assignment.readsMarks = readsMarks(sender) && !isOneWay
        assignment.isNeverFragmented =
            sender.options.dontFragment ?? (identity.isInNamespaces || identity.crossesHosts)
        assignment.spinNs = spinNs(sender)
        assignment.cpus = cpusOfSender(index)
        assignment.intervalNs = spacing.lengthNs
        assignment.maxIntervals = spacing.capacity
        assignment.logPath = options.datagramLog
        assignment.logPrefix =
            logPrefix.isEmpty && scenario.senders.count == 1 ? "" : "\(logPrefix)\(sender.name)."
        assignment.parts = scenario.isGroup ? 1 : instances(of: sender).count
        assignment.expectsAltered = alters
        assignment.maxOutages = report.outages(in: scenario)
        if sender.kind == .probes {
            assignment.maxLossRuns = report.lossRuns(in: scenario)
            assignment.maxEndTimes = maxEndTimes
        }
        if healthIsAsked, sender.kind == .probes {
            assignment.partGrid = PartLosses.Grid(
                parts: instances(of: sender).count,
                durationNs: Int64(sender.expectedDurationNs ?? 0) + Int64(scenario.timeoutNs))
        }
        assignment.stamp = stampOrder(sender)
        assignment.replyBytes = replyBytes
        assignment.longestHoldNs = longestHoldNs
        if responderKind == .chat {
            // One more than the plan's, for the slot that rounding may add.
            let messages = (sender.datagramsPerFlow ?? 0) + 1
            assignment.room = RoomOrder(members: members, messages: messages)
        }
        return assignment
    }

    /// Returns the targets of a sender: those of its instances, or the relay.
    private func answering(
        _ sender: SenderDefinition, among targets: [SocketAddress]
    ) -> [SocketAddress] {
        guard let instance = sender.instance, targets.count > 1 else { return targets }
        return [targets[instance]]
    }

    /// The payload of every answer in bytes; nil if each has the size of its probe.
    var replyBytes: Int? { responder?.own?.replyBytes }

    /// The longest time for which the responder holds an answer.
    var longestHoldNs: Int64 { responder?.replyDelay?.longestNs ?? 0 }

    /// The settings of the STAMP reflector that answers; nil if something else does.
    private var stamp: StampSettings? { identity.network.stamp(of: scenario.responder) }

    /// Whether the STAMP reflector is asked for the marks with which probes arrive.
    private var asksClassOfService: Bool { stamp?.extensions.contains(.classOfService) == true }

    /// Whether both ends of a stream read the marks of its datagrams.
    func readsMarks(_ sender: SenderDefinition) -> Bool {
        sender.options.readsMarks || asksClassOfService
    }

    private func stampOrder(_ sender: SenderDefinition) -> StampOrder? {
        guard let stamp else { return nil }
        var order = StampOrder(stamp)
        order.splitsLoss = responderKind != .stamp
        order.sharesClock = responderKind == .stamp && sender.host == responder?.host
        // The times of a sender on another host are the runner's.
        order.hasOwnClock = sender.host == nil
        return order
    }

    /// Determines how many datagrams each system call of a sender takes.
    private func useCalls(of sender: SenderDefinition, in assignment: inout SenderAssignment) {
        let knobs = knobs(sender)
        assignment.segments = segments(sender)
        assignment.coalesces = coalesces(sender)
        assignment.sendBatch =
            knobs.sendmmsg == .off || sender.request?.isOneAtATime == true
            ? 1 : assignment.segments > 1 ? Self.superBatch : Self.batch
        assignment.receiveBatch =
            knobs.recvmmsg == .off ? 1 : assignment.coalesces ? Self.superBatch : Self.batch
    }

    /// Whether some of the flows may be healthy while others are not: see `CollateralLoss`.
    private var healthIsAsked: Bool {
        instances > 1 && !scenario.timeline.isEmpty
            || scenario.senders.contains { $0.kind == .hitAndRun }
    }

    /// Whether no answer is awaited.
    func isOneWay(_ sender: SenderDefinition) -> Bool {
        identity.isOneWay(sender)
    }

    /// The maximum number of probes of a stream of which both ends keep the times: the streams of
    /// a run share what the result of one responder has room for.
    var maxEndTimes: Int {
        guard responderKind == .echo else { return 0 }
        return max(Self.endTimesLeast, EndTimes.capacity / max(1, scenario.senders.count))
    }

    private static let endTimesLeast = 16

    /// Whether the network may duplicate datagrams, at any time of the run.
    var duplicates: Bool {
        scenario.networks(of: identity.network).contains(where: \.duplicates)
    }

    /// Whether datagrams may be altered, at any time of the run.
    var alters: Bool {
        scenario.networks(of: identity.network).contains(where: \.alters)
    }

    /// The members of a room, one per flow.
    var members: Int { scenario.senders.reduce(0) { $0 + $1.flows } }

    /// The settings of the workers between and behind the senders, which serve all of them: single
    /// calls if each sender has them.
    var singleCalls: SingleCalls {
        SingleCalls(
            sends: scenario.senders.allSatisfy { knobs($0).sendmmsg == .off },
            receives: scenario.senders.allSatisfy { knobs($0).recvmmsg == .off })
    }

    func knobs(_ sender: SenderDefinition) -> OffloadKnobs {
        options.knobs.over(sender.offload)
    }

    /// Whether each datagram is a message of its own.
    private func isOneByOne(_ sender: SenderDefinition) -> Bool {
        responderKind == .chat || stamp != nil || sender.request != nil || sender.sizes != nil
            || sender.think != nil || sendsSingly || replyBytes != nil
            || responder?.replyDelay != nil
    }

    /// Returns the number of datagrams per super-packet: 1 is none.
    func segments(_ sender: SenderDefinition) -> Int {
        if isOneByOne(sender) { return 1 }
        let fit = min(Self.segmentsLimit, ProbeLayout.maximumBytes / sender.payloadBytes)
        switch knobs(sender).gso {
        case .off: return 1
        case .on: return max(1, fit)
        case .auto: return scenario.usesOffloadByDefault(for: sender) && isOwnLoopback ? fit : 1
        }
    }

    /// Whether UDP_SEGMENT and UDP_GRO are of no use.
    private var sendsSingly: Bool { isUnix || scenario.isGroup }

    /// Whether the datagrams go to a Unix socket.
    var isUnix: Bool { pathTarget?.family == .unix || responder?.address.isUnix == true }

    /// Whether the sender receives its answers coalesced.
    func coalesces(_ sender: SenderDefinition) -> Bool {
        if isOneByOne(sender) { return false }
        return switch knobs(sender).gro {
        case .off: false
        case .on: true
        case .auto: scenario.usesOffloadByDefault(for: sender) && isOwnLoopback
        }
    }

    /// The additional wait of the sender after the timeout for late answers that are not lost.
    private var latePatienceNs: Int64 {
        guard isOwnLoopback else { return 0 }
        if case .backoff(let backoff)? = responder?.own?.onReset {
            return max(Self.latePatienceNs, Int64(backoff.limitNs))
        }
        // Datagrams that an absent responder missed are never answered.
        return scenario.timeline.isEmpty ? Self.latePatienceNs : 0
    }

    /// Whether all parts of the path are loopback and udplab's own.
    private var isOwnLoopback: Bool {
        identity.isOnLoopback && [.echo, .sink, .stamp].contains(responderKind)
    }

    /// Whether kernel timestamps are used. `auto` uses them for paced senders, whose delay is of
    /// interest, and whose rates make a control message per datagram cheap.
    func usesKernelTimestamps(_ sender: SenderDefinition) -> Bool {
        switch sender.timestamps {
        case .kernel: true
        case .user: false
        case .auto: sender.ratePps != nil || sender.think != nil
        }
    }

    /// Returns the spin time. Under `auto` a thread spins only with a CPU of its own.
    private func spinNs(_ sender: SenderDefinition) -> Int64 {
        switch sender.pacing {
        case .sleep: 0
        case .spin: Self.spinOnlyNs
        case .auto: hasOwnCPU(sender) ? Self.spinNs : 0
        }
    }

    /// Whether every thread of the sender has a processor.
    private func hasOwnCPU(_ sender: SenderDefinition) -> Bool {
        guard let host = hosts[sender.host] else { return !cpus.isEmpty }
        let threads = scenario.senders.filter { $0.host == sender.host }.reduce(0) {
            $0 + $1.threads
        }
        return threads <= host.cpus
    }

    private func cpusOfSender(_ index: Int) -> [Int]? {
        guard !cpus.isEmpty, scenario.senders[index].host == nil else { return nil }
        let first = scenario.senders[..<index].filter { $0.host == nil }.reduce(0) {
            $0 + $1.threads
        }
        return Array(cpus[first..<first + scenario.senders[index].threads])
    }

    /// Returns the default number of outstanding datagrams of a sender towards an echo, all its
    /// flows together: the capacity of the responder's socket buffer, shared by all flows of the
    /// run, with a reserve.
    ///
    /// On a path that takes longer than loopback, more flows keep more datagrams in flight.
    private func defaultWindow(
        _ sender: SenderDefinition, _ responderBufferBytes: Int?
    ) -> Int {
        let flows = scenario.senders.reduce(0) { $0 + $1.flows }
        let bufferBytes = responderBufferBytes.flatMap { $0 > 0 ? $0 : nil }
        let held = (bufferBytes ?? Self.bufferAssumedBytes) / 2
        let segments = segments(sender)
        let all: Int
        if segments > 1 {
            // A super-packet is one buffer on loopback, and is charged as one.
            let messages = held / (2 * segments * sender.payloadBytes + 1_024)
            all = min(Self.superWindowCalls * Self.superBatch, messages) * segments
        } else {
            let most = Self.windowCalls * Self.batch
            all = min(
                isOwnLoopback ? most : max(most, flows),
                held / Self.truesizeBytes(max(sender.payloadBytes, replyBytes ?? 0)))
        }
        return max(1, all * sender.flows / flows)
    }

    /// Returns the space that the kernel charges a buffer for one datagram, rounded up: the
    /// payload, headers and `sk_buff`, and the slack of the allocation (include/linux/skbuff.h,
    /// SKB_TRUESIZE).
    private static func truesizeBytes(_ payloadBytes: Int) -> Int { 2 * payloadBytes + 1_024 }

    /// The assignment of the holder of a namespace network; nil for the other kinds.
    var networkAssignment: Assignment? {
        guard case .namespace(let network) = identity.network.kind else { return nil }
        let streams = expectedStreams.map {
            // Requests have no session: there is no other stream beside them, see `RequestRules`.
            $0.areRequests
                ? .all
                : NetworkAssignment.Sessions(
                    first: $0.firstSession, last: $0.firstSession + $0.flows - 1)
        }
        return .network(network.assignment(streams: streams, kernelHasNetem: kernelHasNetem))
    }

    /// The time for which the responder waits for datagrams in flight after the senders have
    /// finished.
    ///
    /// On loopback they have arrived, and behind a relay none is in flight any more.
    var responderDrainNs: Int64 {
        identity.isInNamespaces || identity.crossesHosts ? Int64(scenario.timeoutNs) : 0
    }

    func cpusOfResponder(
        _ responder: ResponderDefinition, _ instance: Int
    ) -> [Int]? {
        guard !cpus.isEmpty, responder.host == nil else { return nil }
        let senders = scenario.senders.filter { $0.host == nil }.reduce(0) { $0 + $1.threads }
        let first = senders + instance * responder.threads
        return Array(cpus[first..<first + responder.threads])
    }

    // MARK: - Deadlines

    var responderReadyWithin: Duration {
        guard case .command(let command)? = responder?.kind else { return .zero }
        return .nanoseconds(command.readyTimeoutNs)
    }

    /// The time after which a sender's result is overdue: its planned time, twice the timeout, and
    /// a margin for a loaded machine. A count at `rate: max` has no planned time.
    var resultWithin: Duration {
        let longest = scenario.senders.map { $0.expectedEndNs ?? 86_400_000_000_000 }.max()
        let planned = (longest ?? 0) + scenario.warmUpNs + 3 * scenario.timeoutNs
        return .nanoseconds(planned) + .seconds(30)
    }
}
