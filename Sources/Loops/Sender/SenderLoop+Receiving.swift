import Datagrams
import Glibc
import Metrics

extension SenderLoop where Kernel: ~Copyable {
    /// Receives the available datagrams; sleeps or spins while there are none, at most until
    /// `untilNs`.
    mutating func serve(_ kernel: inout Kernel, nowNs: Int64, untilNs: Int64) {
        if nowNs >= nextLiveNs {
            publish(nowNs)
            if phase.reportsFeedback { report(&kernel) }
        }
        stalls.look(atNs: nowNs)
        let left = untilNs - nowNs
        let sleepNs = min(max(0, left - phase.spinNs), Self.longestWaitNs)
        if sleepNs > 0 || left <= 0 {
            stalls.wait(untilNs: nowNs + sleepNs)
            look(&kernel, waitNs: sleepNs)
            return
        }
        spin(&kernel, untilNs: untilNs)
    }

    /// Waits for at most `waitNs` and receives from the ready flows. Returns the number of
    /// datagrams.
    @discardableResult
    mutating func look(_ kernel: inout Kernel, waitNs: Int64) -> Int {
        sendsSinceLook = 0
        let ready = kernel.wait(timeoutNs: waitNs)
        guard ready >= 0 else {
            fault = fault ?? .host(.cannotWait(SystemErrno(rawValue: Int32(-ready))))
            return 0
        }
        var taken = 0
        for index in 0..<ready where fault == nil {
            let flow = kernel.readyFlow(index)
            if kernel.readyHasError(index) { takeErrors(&kernel, flow: flow) }
            taken += receive(&kernel, flow: flow)
        }
        return taken
    }

    /// Spins until a deadline: reads the clock, and the queues while there is time.
    private mutating func spin(_ kernel: inout Kernel, untilNs: Int64) {
        let lookWhileNs: Int64 = 4_000  // a look at an empty queue and back costs less
        while true {
            let now = clock.nowNs()
            stalls.look(atNs: now)
            if now >= untilNs { return }
            guard untilNs - now > lookWhileNs else { continue }
            look(&kernel, waitNs: 0)
        }
    }

    private mutating func receive(_ kernel: inout Kernel, flow: Int) -> Int {
        var taken = 0
        for _ in 0..<Self.receivesInTurn {
            let count = kernel.receive(flow: flow, incoming)
            if count < 0, SystemErrno(rawValue: Int32(-count)) != .tryAgain {
                receiveFailed(SystemErrno(rawValue: Int32(-count)), &kernel, flow: flow)
                guard fault == nil else { return taken }
                continue
            }
            receiveErrors.worked()
            guard count > 0 else { return taken }
            let now = clock.nowNs()
            stalls.look(atNs: now)
            if phase.usesKernelTimestamps { arrivalClock.look(clock, sinceNs: now) }
            for index in 0..<count { took(message: index, flow: flow, nowNs: now) }
            taken += count
            if count < incoming.slots { return taken }
        }
        return taken
    }

    /// Handles a failed receive call: the error concerned an earlier datagram, and received
    /// datagrams follow it; or this host fails the call.
    private mutating func receiveFailed(
        _ errno: SystemErrno, _ kernel: inout Kernel, flow: Int
    ) {
        let entries = takeErrors(&kernel, flow: flow, after: errno)
        if receiveErrors.add(errno, isOfDatagram: entries > 0) {
            fault = fault ?? .host(.cannotReceive(call: incoming.receiveCall, errno))
        }
    }

    @inline(__always)
    private mutating func took(message index: Int, flow: Int, nowNs: Int64) {
        if peers.count > 0, !incoming.isFrom(peers[peerIndex(ofFlow: flow)], index) {
            accounts.rejected.peer += 1
            return
        }
        let arrivedNs = phase.usesKernelTimestamps ? arrival(index, nowNs: nowNs) : nowNs
        let before = answered
        Content.took(&self, message: index, flow: flow, atNs: arrivedNs, nowNs: nowNs)
        if phase.readsMarks { countMarks(of: index, firstCopies: answered - before) }
    }

    /// Counts the marks of a message. Only datagrams with the same header are coalesced
    /// (inet_gro_receive, net/ipv4/af_inet.c).
    private mutating func countMarks(of index: Int, firstCopies: Int) {
        guard firstCopies > 0 else { return }
        marks.add(
            firstCopies, trafficClass: incoming.trafficClass(index),
            sent: phase.sender.options.trafficClass, hopLimit: incoming.hopLimit(index))
    }

    /// Returns the index of the flow's peer: one per part, or one for all, as if a relay leads to
    /// all instances.
    @inline(__always)
    private func peerIndex(ofFlow flow: Int) -> Int {
        peers.count == 1 ? 0 : phase.part(of: flow)
    }

    /// Returns the kernel's receive time of the message in monotonic time.
    @inline(__always)
    private mutating func arrival(_ index: Int, nowNs: Int64) -> Int64 {
        guard
            let arrivedNs = arrivalClock.arrivedNs(
                kernelNs: incoming.kernelNs(index), nowNs: nowNs),
            nowNs &- arrivedNs < StackDelay.limitNs
        else { return nowNs }
        stackDelays.record(nowNs &- arrivedNs)
        return arrivedNs
    }

    @inline(__always)
    mutating func answered(_ count: Int, flow: Int, atNs: Int64, wire: UInt32) {
        answered += count
        if watchers > 0 { watch(flow: flow, atNs: atNs, wire: wire) }
    }

    /// Looks at an answer while flows wait for one after a reset, or users think after it.
    @inline(never)
    private mutating func watch(flow: Int, atNs: Int64, wire: UInt32) {
        let sequence = unwrapped(wire, flow: flow)
        if flowsInRow > 0 { succeeded(flow, withSequence: sequence, atNs: atNs) }
        if users.count > 0 { users.answered(flow: flow, sequence: sequence, atNs: atNs) }
    }

    /// Returns the 64-bit sequence number with these low 32 bits that is nearest to the next one.
    @inline(__always)
    func unwrapped(_ wire: UInt32, flow: Int) -> UInt64 {
        let next = sequences[flow]
        let distance = Int32(bitPattern: wire &- UInt32(truncatingIfNeeded: next))
        return next &+ UInt64(bitPattern: Int64(distance))
    }

    func logArrival(_ wire: UInt32, flow: Int, nowNs: Int64) {
        guard let log else { return }
        log.add(
            sequence: unwrapped(wire, flow: flow), timeNs: nowNs,
            flow: phase.firstFlow + flow,
            bytes: phase.answerBytes, isReceived: true)
    }

    mutating func publish(_ now: Int64) {
        nextLiveNs = now + (phase.reportsFeedback ? LoadFeedback.everyNs : Self.liveEveryNs)
        if !phase.reportsFeedback {
            control.publish(statistics.intervalSnapshot(), lane: phase.lane)
        }
        arrivalClock.look(clock)
    }

    /// Reports the counts of the answers, after all that have arrived were read: those of a time
    /// for which this thread was descheduled would else count as arrivals of the next one.
    private mutating func report(_ kernel: inout Kernel) {
        var looksLeft = Self.looksBeforeReport
        while looksLeft > 0, fault == nil, look(&kernel, waitNs: 0) > 0 { looksLeft -= 1 }
        var expected = 0
        for flow in 0..<phase.flows { expected += windows[flow].answeredSpan }
        var feedback = statistics.feedback(atNs: clock.nowNs(), expected: expected)
        feedback.isBehind = looksLeft == 0
        control.report(feedback)
        control.publish(statistics.totals, lane: phase.lane)
    }

    /// The maximum number of receives before a report: more than a socket buffer holds.
    private static var looksBeforeReport: Int { 1_024 }

    /// Waits for answers after the last probe: for the timeout, or shorter if no further answer is
    /// possible or a stop requires it.
    mutating func drain(_ kernel: inout Kernel) {
        guard !phase.isOneWay, accounts.ledger.sent > 0, fault == nil else { return }
        let untilNs = lastSentNs + phase.timeoutNs + phase.latePatienceNs
        while fault == nil {
            let now = clock.nowNs()
            let limitNs = control.isStopping ? stopDeadline(now) : .max
            guard now < min(untilNs, limitNs) else { return takeRest(&kernel) }
            if phase.endsWithLastAnswer, answered == accounts.ledger.sent { return }
            serve(&kernel, nowNs: now, untilNs: min(untilNs, limitNs))
        }
    }

    /// Reads the sockets once more: datagrams in them have arrived, and are not losses of the
    /// network because this thread was descheduled.
    private mutating func takeRest(_ kernel: inout Kernel) {
        for _ in 0..<Self.lastLooksLimit where look(&kernel, waitNs: 0) == 0 { return }
    }

    /// Receives the datagrams that arrived since `run`, after all windows are closed: answers too
    /// late to be identified.
    /// - Returns: The number of these answers, copies included.
    mutating func takeTail(_ kernel: inout Kernel) -> Int {
        let before = accounts.rejected.beyondWindow
        takeRest(&kernel)
        return accounts.rejected.beyondWindow - before
    }

    private mutating func stopDeadline(_ now: Int64) -> Int64 {
        let limit = control.drainLimitNs
        if stoppedNs == .max { stoppedNs = now }
        return limit == .max ? .max : stoppedNs + limit
    }
}
