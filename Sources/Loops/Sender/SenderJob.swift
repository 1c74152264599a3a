import Datagrams
import Load
import Metrics

/// The worker of a sender from its assignment to its result: one lane per thread.
package final class SenderJob<Content: SenderContent>: SendingJob, Sendable {
    /// The time between the end of the warm-up and the first measured slot.
    private static var leadNs: Int64 { 1_000_000 }

    let lanes: [SenderLane<Content>]
    private let assignment: SenderAssignment
    private let features: SocketFeatures
    private let control: LoopControl
    private let rendezvous: Rendezvous

    /// - Parameter content: Makes the content of a thread's flows.
    init(
        _ assignment: SenderAssignment, control: LoopControl, content: (Range<Int>) -> Content
    ) throws(WorkerFailure) {
        self.assignment = assignment
        self.control = control
        rendezvous = Rendezvous(expected: assignment.sender.threads)
        let targets = try assignment.targetAddresses()
        let asked = SocketFeatures(
            segmentBytes: assignment.segments > 1 ? assignment.sender.payloadBytes : nil,
            coalesces: assignment.coalesces, timestamps: assignment.kernelTimestamps,
            isNeverFragmented: assignment.isNeverFragmented,
            reportsMarks: assignment.readsMarks)
        do {
            features = try asked.probed(family: targets[0].family)
            var lanes: [SenderLane<Content>] = []
            for thread in 0..<assignment.sender.threads {
                let flows = assignment.flows(ofThread: thread)
                lanes.append(
                    try SenderLane(
                        assignment, number: thread, flows: flows, content: content(flows),
                        targets: targets, features: features, control: control,
                        rendezvous: rendezvous,
                        leadNs: Self.leadNs))
            }
            self.lanes = lanes
        } catch {
            throw WorkerFailure(.setUp, "\(error)")
        }
    }

    package func ready() throws(SystemFailure) -> Ready {
        var ready = Ready()
        for lane in lanes {
            ready.addresses += try lane.kernel.localAddresses().map(\.description)
        }
        ready.receiveBufferAskedBytes = LinuxKernel.bufferBytesAsked
        ready.receiveBufferGrantedBytes = lanes[0].kernel.receiveBufferGranted
        ready.sendBufferGrantedBytes = lanes[0].kernel.sendBufferGranted
        ready.features = FeaturesGranted(features)
        ready.features.errorQueue = lanes.allSatisfy { $0.kernel.hasErrorQueue }
        return ready
    }

    package func start(
        startNs: Int64, whenDone: @escaping @Sendable () -> Void
    ) throws(WorkerFailure) -> [DataThread] {
        try start(startNs: startNs, by: DataThread.launch, whenDone: whenDone)
    }

    /// Starts a thread per lane; `whenDone` is called on the last of them.
    /// - Throws: If a thread cannot be started; the others have ended then.
    package func start(
        startNs: Int64, by launch: DataThread.Launch,
        whenDone: @escaping @Sendable () -> Void
    ) throws(WorkerFailure) -> [DataThread] {
        try LaneThreads.start(
            lanes.count, name: "sender", cpus: assignment.cpus, by: launch,
            run: { [self] in lanes[$0].run(startNs: startNs) },
            abandon: {
                control.stop(drainNs: 0)
                rendezvous.abandon()
            }, whenDone: whenDone)
    }

    /// Returns the result, after the data threads were joined.
    package func result() throws -> SenderResult {
        var lost = LostRows()
        for lane in lanes {
            lost.add(lane.finishLog())
            if let fault = lane.fault { throw failure(fault) }
        }
        guard var result = lanes[0].result else {
            throw WorkerFailure(.own, "the data thread gave no result")
        }
        for lane in lanes.dropFirst() {
            guard let other = lane.result else {
                throw WorkerFailure(.own, "a data thread gave no result")
            }
            lanes[0].merge(lane)
            result.add(other)
        }
        result.pathMTUBytes = pathMTUBytes()
        result.logRowsLost = lost.count
        result.logErrno = lost.errno
        result.figures = lanes[0].figures()
        if assignment.sender.fleet != nil {
            result.image = lanes[0].image()
            result.figures.leaveOutDistributions()
        }
        result.partLosses = lanes[0].partLosses()
        let outages = lanes[0].outages()
        result.outages = outages.merged(
            joinNs: assignment.outagesJoinNs, part: assignment.part(of:))
        result.outagesLeftOut = outages.leftOut
        result.stackNs = lanes[0].stackNs()
        result.endTimes = lanes[0].endTimes
        result.room?.delayNs = lanes[0].deliveryNs()
        Content.complete(&result, of: lanes, assignment)
        return result
    }

    /// Returns the least MTU of the paths to the targets, as far as the kernel knows them.
    private func pathMTUBytes() -> Int? {
        let targets = (try? assignment.targetAddresses()) ?? []
        return targets.compactMap(DatagramSocket.pathMTUBytes(to:)).min()
    }

    /// Returns the datagrams that arrived since the drain: after `result`.
    package func tail() -> TailReply {
        lanes.reduce(into: TailReply(answers: 0, drops: 0)) { sum, lane in
            let tail = lane.tail()
            sum.answers += tail.answers
            sum.drops += tail.drops
        }
    }

    private func failure(_ fault: LoopFault) -> WorkerFailure {
        switch fault {
        case .ownFault(let errno): WorkerFailure(.own, "a send failed with \(errno)")
        case .host(let fault): WorkerFailure(.setUp, fault.sentence(of: "sender"))
        }
    }
}

extension SenderJob where Content == ProbeLayout {
    package convenience init(
        _ assignment: SenderAssignment, control: LoopControl
    ) throws(WorkerFailure) {
        try self.init(assignment, control: control) { _ in
            ProbeLayout(
                payloadBytes: assignment.sender.payloadBytes,
                runID: UInt64(bitPattern: Int64(assignment.runId)), anchorNs: assignment.anchorNs,
                sizes: assignment.sender.sizes)
        }
    }
}

extension SenderJob where Content == RequestContent {
    package convenience init(
        _ assignment: SenderAssignment, of request: RequestDefinition, control: LoopControl
    ) throws(WorkerFailure) {
        try self.init(assignment, control: control) { flows in
            RequestContent(
                request, flows: flows.count,
                firstFlow: assignment.firstSession + flows.lowerBound,
                runID: UInt64(bitPattern: Int64(assignment.runId)), anchorNs: assignment.anchorNs)
        }
    }
}

extension SenderJob where Content == StampContent {
    package convenience init(
        _ assignment: SenderAssignment, sending order: StampOrder, control: LoopControl
    ) throws(WorkerFailure) {
        let content = StampContent(
            order, key: try order.settings.key(),
            runID: UInt64(bitPattern: Int64(assignment.runId)), anchorNs: assignment.anchorNs,
            trafficClass: assignment.sender.options.trafficClass)
        try self.init(assignment, control: control) { _ in content }
    }
}

extension SenderAssignment {
    fileprivate func flows(ofThread thread: Int) -> Range<Int> {
        flows * thread / sender.threads..<flows * (thread + 1) / sender.threads
    }
}

extension SenderResult {
    /// Adds the counts of another thread or host of the same stream; figures and lists are merged
    /// elsewhere.
    package mutating func add(_ other: SenderResult) {
        accounts.add(other.accounts)
        rejected.add(other.rejected)
        otherErrors.merge(other.otherErrors, uniquingKeysWith: +)
        receiveErrors.merge(other.receiveErrors, uniquingKeysWith: +)
        retried += other.retried
        resets.add(other.resets)
        largestBurst = max(largestBurst, other.largestBurst)
        stalls.add(other.stalls)
        abandonedSegments = abandonedSegments || other.abandonedSegments
        wallClockStepped = wallClockStepped || other.wallClockStepped
        drops = .sum([drops, other.drops])
        if let pps = other.intendedPps { intendedPps = (intendedPps ?? 0) + pps }
        if other.accounts.sent > 0 {
            firstSentNs = min(firstSentNs, other.firstSentNs)
            lastSentNs = max(lastSentNs, other.lastSentNs)
        }
        measuredNs = max(measuredNs, other.measuredNs)
        endNs = max(endNs, other.endNs)
        warmUpSentByFlow += other.warmUpSentByFlow
        sentByFlow += other.sentByFlow
        receivedByFlow += other.receivedByFlow
        if let more = other.room { room?.add(more) }
        if let more = other.marks { marks?.add(more) }
        if let more = other.answers {
            if answers == nil { answers = more } else { answers?.add(more) }
        }
        endTimes.join(other.endTimes)
        if let more = other.tail {
            tail = TailReply(
                answers: (tail?.answers ?? 0) + more.answers, drops: (tail?.drops ?? 0) + more.drops
            )
        }
    }

    /// Sets everything that is counted to nothing, and keeps the times.
    package mutating func empty() {
        var none = SenderResult(
            accounts: LedgerAccounts(), rejected: RejectedCounts(), otherErrors: [:],
            receiveErrors: [:], retried: 0, resets: ResetFigures(), outages: [],
            outagesLeftOut: 0, largestBurst: 0, stalls: StallCounts(), figures: StreamFigures(),
            stackNs: nil, abandonedSegments: false, wallClockStepped: false, drops: 0,
            intendedPps: nil, firstSentNs: .max, lastSentNs: .min, measuredNs: 0,
            startNs: startNs, endNs: startNs, warmUpSentByFlow: [], sentByFlow: [])
        none.pathMTUBytes = pathMTUBytes
        if marks != nil { none.marks = MarkCounts() }
        self = none
    }

    /// Leaves out the flows of a host that has no result.
    package mutating func skip(flows: Int, hasWarmUp: Bool) {
        let none = Array(repeating: 0, count: flows)
        sentByFlow += none
        receivedByFlow += none
        if hasWarmUp { warmUpSentByFlow += none }
    }
}
