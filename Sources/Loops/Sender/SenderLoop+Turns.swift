import Datagrams
import Glibc
import Metrics

/// The closed loop of several flows that share one window.
///
/// A window of each flow's own would be one datagram where there are thousands of flows, and every
/// datagram would cost two system calls. So the flows take turns: each sends a batch, as large as
/// that of a single flow, and waits until all other flows had their turn.
extension SenderLoop where Kernel: ~Copyable {
    /// The maximum number of flows with unanswered probes at a time.
    static var turnsMost: Int { 64 }

    mutating func sendInTurns(_ kernel: inout Kernel, window: Int) {
        let endNs = phase.durationNs.map { phase.startNs + $0 } ?? .max
        // As many as one flow sends at a time, also where each is a call of its own.
        let most = min(window, phase.windowCapacity, Self.turnProbes * phase.segments)
        var left = phase.countLimit ?? .max
        var share = most
        var flow = phase.flows - 1
        var lastProgressNs = clock.nowNs()
        while left > 0, fault == nil, !control.isStopping {
            let now = clock.nowNs()
            stalls.look(atNs: now)
            guard now < endNs else { return }
            var inFlight = turns.inFlight(windows, nowNs: now, longestNs: phase.stallNs)
            var progressed = false
            var passed = 0
            while passed < phase.flows, turns.count < Self.turnsMost, left > 0, fault == nil {
                if flow == phase.flows - 1, phase.countLimit != nil {
                    // Equal turns, so that every flow sends its count.
                    share = min(most, (left + phase.flows - 1) / phase.flows)
                }
                let room = window - inFlight
                let least = phase.countLimit != nil ? share : max(1, window / 4)
                // The first turn of all fits whatever the window is.
                guard room >= min(share, least) else { break }
                flow = flow + 1 == phase.flows ? 0 : flow + 1
                passed += 1
                if haltedFlows > 0, isHalted(flow, nowNs: now) { continue }
                let count = min(room, share, left)
                guard windows[flow].outstanding == 0,
                    hasRoom(flow: flow, count: count, nowNs: now)
                else { continue }
                accounts.ledger.scheduled += count
                left -= count
                send(&kernel, flow: flow, count: count, intendedNs: now)
                accounts.largestBurst = max(accounts.largestBurst, count)
                progressed = true
                let sent = windows[flow].outstanding
                guard sent > 0 else { continue }
                turns.begin(flow, atNs: now)
                inFlight += sent
            }
            let answeredBefore = answered
            if haltedFlows == phase.flows, resumesNs == .max {
                // None of the flows sends any more.
                let unsent = phase.countLimit == nil ? 0 : left
                accounts.ledger.scheduled += unsent
                refused(unsent, atNs: now)
                return
            }
            if !progressed {
                let resumesNs = haltedFlows > 0 ? resumesNs : .max
                serve(&kernel, nowNs: now, untilNs: min(resumesNs, now + Self.longestWaitNs))
            }
            if progressed || answered != answeredBefore {
                lastProgressNs = now
            } else if now - lastProgressNs > phase.stallNs {
                turns.abandon(windows)
                lastProgressNs = now
            }
            if now >= nextLiveNs { publish(now) }
        }
    }

    private static var turnProbes: Int { 64 }
}

/// The flows that wait for answers to their last turn, in the order of these.
struct FlowTurns: ~Copyable {
    private struct Turn {
        var flow: Int
        var sentNs: Int64
    }

    private let turns: CheckedMemory<Turn>
    private(set) var count = 0

    init(capacity: Int) {
        turns = .filled(Turn(flow: 0, sentNs: 0), count: capacity)
    }

    deinit { turns.deallocate() }

    mutating func begin(_ flow: Int, atNs timeNs: Int64) {
        turns[count] = Turn(flow: flow, sentNs: timeNs)
        count += 1
    }

    /// Returns the number of unanswered probes of all turns. A turn is over with the answer to its
    /// last probe, or after `longestNs`: its unanswered probes are taken for lost then.
    mutating func inFlight(
        _ windows: CheckedMemory<ProbeWindow>, nowNs: Int64, longestNs: Int64
    ) -> Int {
        var inFlight = 0
        var kept = 0
        for index in 0..<count {
            let turn = turns[index]
            let outstanding = windows[turn.flow].outstanding
            if outstanding == 0 { continue }
            if nowNs - turn.sentNs > longestNs {
                windows[turn.flow].assumeLost()
                continue
            }
            turns[kept] = turn
            kept += 1
            inFlight += outstanding
        }
        count = kept
        return inFlight
    }

    /// Ends all turns.
    mutating func abandon(_ windows: CheckedMemory<ProbeWindow>) {
        for index in 0..<count { windows[turns[index].flow].assumeLost() }
        count = 0
    }
}
