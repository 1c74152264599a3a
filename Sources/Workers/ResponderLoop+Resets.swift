import Datagrams
import Glibc

extension ResponderLoop where Kernel: ~Copyable {
    /// How often one answer is sent again: each refusal has taken an error away, so more than
    /// this many in a row are not about earlier datagrams.
    static var refusalsLimit: Int { 64 }
    /// Longest sleep in one go: how soon a stop is noticed.
    static var longestSleepNs: Int64 { 50_000_000 }
    /// How soon a closed port is opened when that is ordered.
    static var closedSleepNs: Int64 { 1_000_000 }

    /// A receive call failed: empties the error queue, and lets the policy decide about a reset.
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

    /// Whether a send call failed because of an earlier datagram: then the answer that it was for
    /// did not leave, and goes again. It may be for a peer that is well.
    mutating func isStale(_ result: Int, _ kernel: inout Kernel) -> Bool {
        let errno = SystemErrno(rawValue: Int32(-result))
        let drained = drainErrors(&kernel, after: errno)
        let isReset = errno == .connectionRefused || drained.resets > 0
        guard isReset || drained.others > 0 else { return false }
        lane.pointee.resets.eatenByStaleError += 1
        if isReset { decide() }
        return true
    }

    /// sendmmsg(2) hides the error that ended it early: it returns what it sent before, and
    /// SO_ERROR is 0 afterwards. The error queue has it still.
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

    /// A reset came into this step. The answers of the step go out all the same, unless it was
    /// one too many: a pause comes after them.
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

    /// A step without a reset: a row of them is over.
    @inline(__always)
    mutating func stepWentWell() {
        guard retry.resetsInRow > 0 else { return }
        retry.success()
        lane.pointee.resets.retries = retry.counts
    }

    /// Waits for the end of the policy's pause: what arrives meanwhile stays in the socket's
    /// buffer. A stop ends the pause: the senders have ended by then, and what waits is received
    /// and no more answered.
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

    /// The policy has ended the loop: the port is closed, so that whoever sends there sees
    /// resets, and the worker lives on to say so.
    mutating func end(_ kernel: inout Kernel) {
        kernel.closePort()
        while !control.isStopping { kernel.sleep(ns: Self.longestSleepNs) }
    }

    /// Closes the port, and waits for the order to open it again.
    /// - Returns: `false` when the stop came first, or the port cannot be had any more.
    mutating func followPort(_ kernel: inout Kernel) -> Bool {
        while control.portOrderCount != portOrders {
            portOrders += 1
            if portOrders.isMultiple(of: 2) {
                let fault = kernel.openPort()
                control.portIsSwitched(atNs: clock.nowNs(), fault: fault)
                if fault != nil { return false }
            } else {
                kernel.closePort()
                control.portIsSwitched(atNs: clock.nowNs(), fault: nil)
                while control.portOrderCount == portOrders {
                    if control.isStopping { return false }
                    kernel.sleep(ns: Self.closedSleepNs)
                }
            }
        }
        return true
    }

    /// What the loop saw of resets, with what its retries came to.
    package var resetFigures: ResetFigures { lane.pointee.resets }
}
