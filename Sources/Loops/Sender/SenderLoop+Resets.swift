import Datagrams
import Load
import Metrics

/// The state of a sender's flow under its retry policy.
///
/// The effects of a policy on a sender, whose step is one datagram with its answer:
///
/// - `none`: the flow ends at the first reset. The refused datagram and those of all later slots
///   are `refused`.
/// - `once`: a refused datagram is sent once more; a second reset before an answer ends the flow.
/// - `always`: a refused datagram is sent once more, is `refused` if that fails as well, and the
///   flow continues with the next. This is the default.
/// - `backoff`: the flow pauses; the datagrams of slots in the pause are `refused`.
struct FlowResets {
    var retry: RetryState
    /// The end of the flow's pause: `.min` without a pause, `.max` after the flow has ended.
    var resumesNs: Int64 = .min
    /// The sequence number from which on answers show that the peer is up again.
    var sequence: UInt64 = 0
    /// The send time of the last probe before the first reset of the row.
    var rowStartNs: Int64 = 0
    /// Towards a sink: the successful sends since the reset.
    var sends = 0

    init(_ policy: RetryPolicy) { retry = RetryState(policy) }

    var isHalted: Bool { resumesNs != .min }
}

extension SenderLoop where Kernel: ~Copyable {
    /// The number of successful sends towards a sink that prove an open port. A sink returns
    /// nothing. A reset fails the call after the one that it concerns, so the second successful
    /// call shows that the first met no closed port.
    static var sendsThatProve: Int { 2 }

    /// Empties the error queue of `flow`, and lets the policy decide on a reset.
    /// - Parameter errno: The error of the call that failed, if one did.
    /// - Returns: The number of entries.
    @discardableResult
    mutating func takeErrors(
        _ kernel: inout Kernel, flow: Int, after errno: SystemErrno? = nil
    ) -> Int {
        var found = 0
        var entries = 0
        while let error = kernel.nextError(flow: flow) {
            entries += 1
            if resets.count(error, isAttributed: error.isAttributed) { found += 1 }
        }
        if errno == .connectionRefused, found == 0 { resets.queueOverflow += 1 }
        if found > 0 || errno == .connectionRefused { decide(flow) }
        return entries
    }

    /// Lets the policy decide on a reset of `flow`.
    private mutating func decide(_ flow: Int) {
        let now = clock.nowNs()
        resets.note(resetAtNs: now)
        // Resets of a halted flow concern datagrams sent before.
        guard !flowResets[flow].isHalted else { return }
        let number = phase.firstFlow + flow
        if flowResets[flow].retry.resetsInRow == 0 {
            flowsInRow += 1
            flowResets[flow].rowStartNs = windows[flow].lastSentNs ?? now
            statistics.outages.recordReset(flow: number, atNs: now)
        }
        flowResets[flow].sequence = sequences[flow]
        flowResets[flow].sends = 0
        switch flowResets[flow].retry.reset(atNs: now) {
        case .retryNow: return
        case .retry(let atNs): flowResets[flow].resumesNs = atNs
        case .end:
            flowResets[flow].resumesNs = .max
            resets.note(endAtNs: now)
        }
        haltedFlows += 1
        statistics.outages.add(
            Outage(flow: number, startNs: flowResets[flow].rowStartNs))
    }

    /// Whether `flow` pauses or has ended; resumes the flow at the end of its pause.
    mutating func isHalted(_ flow: Int, nowNs: Int64) -> Bool {
        let resumesNs = flowResets[flow].resumesNs
        guard resumesNs != .min else { return false }
        guard nowNs >= resumesNs, resumesNs != .max else { return true }
        flowResets[flow].resumesNs = .min
        haltedFlows -= 1
        statistics.outages.recordResumed(flow: phase.firstFlow + flow, atNs: nowNs)
        return false
    }

    /// The time at which the first of the halted flows resumes.
    var resumesNs: Int64 {
        var first = Int64.max
        for flow in 0..<phase.flows where flowResets[flow].isHalted {
            first = min(first, flowResets[flow].resumesNs)
        }
        return first
    }

    /// Records an answer to the probe `sequence` of `flow` while a flow waits for one.
    mutating func succeeded(_ flow: Int, withSequence sequence: UInt64, atNs timeNs: Int64) {
        let state = flowResets[flow]
        guard state.retry.resetsInRow > 0, !state.retry.hasEnded, sequence >= state.sequence
        else { return }
        flowResets[flow].retry.success()
        flowsInRow -= 1
        statistics.outages.recordRecovered(flow: phase.firstFlow + flow, atNs: timeNs)
    }

    /// Records a successful send of a sink's flow while a flow waits for proof.
    mutating func sentOneWay(_ flow: Int, atNs timeNs: Int64) {
        guard flowResets[flow].retry.resetsInRow > 0 else { return }
        flowResets[flow].sends += 1
        guard flowResets[flow].sends >= Self.sendsThatProve else { return }
        succeeded(flow, withSequence: sequences[flow], atNs: timeNs)
    }

    /// The loop's resets, with the outcome of its flows' retries.
    package var resetFigures: ResetFigures {
        var figures = resets
        for flow in 0..<phase.flows { figures.retries.add(flowResets[flow].retry.counts) }
        return figures
    }
}
