import Datagrams
import Glibc

extension ResponderLoop where Kernel: ~Copyable {
    /// The maximum number of retries of one answer: each failure has consumed an error, so more
    /// failures in a row do not concern earlier datagrams.
    static var refusalsLimit: Int { 64 }
    /// The longest sleep, which bounds the time until a stop is noticed.
    static var longestSleepNs: Int64 { 50_000_000 }
    /// The longest sleep with a closed port, which bounds the time until it is opened.
    static var closedSleepNs: Int64 { 1_000_000 }

    /// Handles a failed receive call: empties the error queue, and lets the policy decide on a
    /// reset.
    mutating func receiveFailed(_ result: Int, _ kernel: inout Kernel) {
        let errno = SystemErrno(rawValue: Int32(-result))
        let drained = drainErrors(&kernel, after: errno)
        if errno == .connectionRefused || drained.resets > 0 { decide() }
        if receiveErrors.add(errno, isOfDatagram: drained.resets + drained.others > 0) {
            fault = .cannotReceive(call: incoming.receiveCall, errno)
        } else if errno != .connectionRefused, drained.resets + drained.others == 0 {
            kernel.sleep(ns: ReceiveErrors.restNs)
        }
    }

    /// Whether a send call failed because of an earlier datagram: the answer was then not sent, and
    /// is sent again. Its own peer may be healthy.
    mutating func isStale(_ result: Int, _ kernel: inout Kernel) -> Bool {
        let errno = SystemErrno(rawValue: Int32(-result))
        let drained = drainErrors(&kernel, after: errno)
        let isReset = errno == .connectionRefused || drained.resets > 0
        guard isReset || drained.others > 0 else { return false }
        lane.pointee.resets.eatenByStaleError += 1
        if isReset { decide() }
        return true
    }

    /// Reads the error queue after a partial sendmmsg(2), which hides the error that ended it: it
    /// returns the number sent before, and SO_ERROR is 0 afterwards. The error queue still has the
    /// error.
    mutating func lookForHiddenReset(_ kernel: inout Kernel) {
        guard drainErrors(&kernel, after: nil).resets > 0 else { return }
        lane.pointee.resets.eatenByStaleError += 1
        decide()
    }

    private mutating func drainErrors(
        _ kernel: inout Kernel, after errno: SystemErrno?
    ) -> (resets: Int, others: Int) {
        var drained = (resets: 0, others: 0)
        let isFull = errno == .connectionRefused && kernel.errorQueueIsFull()
        while let error = kernel.nextError() {
            let isOurs = error.session.map { flowOfSession[Int($0)] >= 0 } ?? false
            if lane.pointee.resets.count(error, isAttributed: isOurs) {
                drained.resets += 1
            } else {
                drained.others += 1
            }
        }
        if isFull || errno == .connectionRefused && drained.resets == 0 {
            lane.pointee.resets.queueOverflow += 1
        }
        return drained
    }

    /// Lets the policy decide on a reset in this step. The answers of the step are sent
    /// nevertheless, unless the policy ends the loop: a pause follows them.
    private mutating func decide() {
        guard !stepHasFailed else { return }
        stepHasFailed = true
        let now = clock.nowNs()
        lane.pointee.resets.note(resetAtNs: now)
        switch retry.reset(atNs: now) {
        case .retryNow: break
        case .retry(let atNs): resumesNs = atNs
        case .end: lane.pointee.resets.note(endAtNs: now)
        }
        lane.pointee.resets.retries = retry.counts
    }

    /// Records a step without a reset, which ends a row of resets.
    @inline(__always)
    mutating func stepWentWell() {
        guard retry.resetsInRow > 0 else { return }
        retry.success()
        lane.pointee.resets.retries = retry.counts
    }

    /// Waits for the end of the policy's pause: datagrams that arrive meanwhile stay in the
    /// socket's buffer. A stop ends the pause: the senders have ended by then, and waiting
    /// datagrams are received but not answered.
    mutating func pause(_ kernel: inout Kernel) {
        while true {
            let now = clock.nowNs()
            guard now < resumesNs else { return }
            if control.isStopping {
                isTooLate = true
                return
            }
            kernel.sleep(ns: min(resumesNs - now, Self.longestSleepNs))
        }
    }

    /// Ends the loop by the policy: the port is closed, so that senders receive resets, and the
    /// worker keeps running to report this.
    mutating func end(_ kernel: inout Kernel) {
        kernel.closePort()
        while !control.isStopping { kernel.sleep(ns: Self.longestSleepNs) }
    }

    /// Closes the port, and waits for the order to open it again.
    /// - Returns: `false` if the stop came first, or the port is not available any more.
    mutating func followPort(_ kernel: inout Kernel) -> Bool {
        while control.portOrderCount != portOrders {
            portOrders += 1
            if portOrders.isMultiple(of: 2) {
                let fault = kernel.openPort()
                control.portIsSwitched(atNs: clock.nowNs(), fault: fault)
                if fault != nil { return false }
            } else {
                kernel.closePort()
                if holds { failHeld() }
                control.portIsSwitched(atNs: clock.nowNs(), fault: nil)
                while control.portOrderCount == portOrders {
                    if control.isStopping { return false }
                    kernel.sleep(ns: Self.closedSleepNs)
                }
            }
        }
        return true
    }

    /// The loop's resets, with the outcome of its retries.
    package var resetFigures: ResetFigures { lane.pointee.resets }
}
