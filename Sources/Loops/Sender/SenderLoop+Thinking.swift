import Datagrams
import Metrics

/// The closed loop with think time.
///
/// It hides what every closed loop hides (coordinated omission): a slow answer keeps its user from
/// sending, so that slow times are under-represented, and less is offered the slower the service.
extension SenderLoop where Kernel: ~Copyable {
    /// The time after which a user tries again whose flow cannot send.
    static var thinkRetryNs: Int64 { 1_000_000 }

    mutating func sendThinking(_ kernel: inout Kernel) {
        let endNs = phase.durationNs.map { phase.startNs + $0 } ?? .max
        let perFlow = phase.countLimit.map { UInt64($0 / phase.flows) } ?? .max
        while fault == nil, !control.isStopping {
            var now = clock.nowNs()
            stalls.look(atNs: now)
            if sendsSinceLook >= Self.sendsBetweenReceives {
                serve(&kernel, nowNs: now, untilNs: now)
                now = clock.nowNs()
            }
            let nextNs = users.nextNs
            guard now < endNs else { return }
            guard nextNs < .max else { return refuseRest() }
            guard now >= nextNs else {
                serve(&kernel, nowNs: now, untilNs: min(nextNs, endNs))
                continue
            }
            // An answer that has arrived is in time, however late it is read.
            if users.isWaiting(users.first), look(&kernel, waitNs: 0) > 0 { continue }
            let user = users.first
            if users.isWaiting(user) {
                users.thinks(user, fromNs: nextNs)
            } else {
                send(&kernel, user: user, upTo: perFlow, nowNs: now)
            }
            if now >= nextLiveNs { publish(now) }
        }
    }

    /// Counts the requests of flows that a reset has ended before they had sent theirs.
    private mutating func refuseRest() {
        guard let limit = phase.countLimit else { return }
        var left = limit
        for flow in 0..<phase.flows {
            left -= Int(sequences[flow] - phase.firstSequence + unsent[flow])
        }
        accounts.ledger.scheduled += left
        refused(left, atNs: clock.nowNs())
    }

    /// Sends the next request of a user who has thought.
    private mutating func send(
        _ kernel: inout Kernel, user: Int, upTo perFlow: UInt64, nowNs: Int64
    ) {
        let flow = users.flow(of: user)
        guard sequences[flow] - phase.firstSequence + unsent[flow] < perFlow else {
            return users.move(user, to: .max)
        }
        if haltedFlows > 0, isHalted(flow, nowNs: nowNs) {
            return users.move(user, to: flowResets[flow].resumesNs)
        }
        guard hasRoom(flow: flow, count: 1, nowNs: nowNs) else {
            return users.move(user, to: nowNs + Self.thinkRetryNs)
        }
        let sequence = sequences[flow]
        accounts.ledger.scheduled += 1
        send(&kernel, flow: flow, count: 1, intendedNs: nowNs)
        sendsSinceLook += 1
        accounts.largestBurst = max(accounts.largestBurst, 1)
        if sequences[flow] > sequence {
            users.sent(user, sequence: sequence, untilNs: lastSentNs + phase.timeoutNs)
        } else {
            unsent[flow] += 1
            users.thinks(user, fromNs: nowNs)
        }
    }
}
