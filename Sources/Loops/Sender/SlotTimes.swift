import Glibc
import Impairment
import Load

/// The due times of a thread's slots: one of its flows has each, in the order of the times.
///
/// Slots are asked for in ascending order, and so are times, because those of a Poisson process are
/// drawn one after the other. Nothing is allocated after the start.
package struct SlotTimes: Sendable {
    /// The time of slot 0; after a change of the rate the one that it would have had at this rate.
    private var startNs: Int64
    /// The distance of slots at a constant rate.
    private var stepNs: Double
    private let flows: Int
    private let burst: Int
    private let isUniform: Bool
    private let profile: RateProfile?
    private let trace: SendSchedule.Trace?
    /// The slots that were drawn, and those that are due.
    private var next: PoissonTimes?
    private var due: PoissonTimes?

    /// Makes the times of slots at equal distances, each of the next flow.
    package init(startNs: Int64, streamPps: Double, flows: Int = 1) {
        self.init(startNs: startNs, streamPps: streamPps, flows: flows, schedule: .constant)
    }

    /// - Parameters:
    ///   - streamPps: The mean rate of all flows.
    ///   - flows: The flows of the thread.
    ///   - firstFlow: The number of its first flow in the stream, which a random schedule depends
    ///     on.
    ///   - countPerFlow: The datagrams of each flow, if their number is the limit.
    ///   - endNs: The end of a random schedule.
    init(
        startNs: Int64, streamPps: Double, flows: Int, schedule: SendSchedule, firstFlow: Int = 0,
        countPerFlow: Int? = nil, endNs: Int64 = .max
    ) {
        self.startNs = startNs
        self.flows = flows
        stepNs = 1e9 / streamPps
        burst = schedule.burst
        isUniform = schedule.isUniform
        profile = schedule.profile
        if case .trace(let trace) = schedule.arrivals { self.trace = trace } else { trace = nil }
        if schedule.arrivals == .poisson {
            next = PoissonTimes(
                flows: flows, seed: UInt64(schedule.seed) ^ RandomStream.mix(UInt64(firstFlow)),
                startNs: startNs, stepNs: stepNs, profile: profile, countPerFlow: countPerFlow,
                endNs: endNs)
            due = next
        }
    }

    /// Returns the due time of a slot; the greatest one if there is no such slot.
    @inline(__always)
    package mutating func dueNs(_ slot: Int) -> Int64 {
        guard isUniform else { return shapedNs(slot) }
        return startNs &+ Int64(Double(slot) * stepNs)
    }

    /// Continues at another rate from slot `slot` on, of slots at equal distances.
    ///
    /// The slots due by a time are the integral of the rate, as in a `RateProfile`: a slot that is
    /// not due yet keeps the share of its distance that has passed. One that is overdue stays due
    /// when it was, and the rate changes with it, so that no slot before it is touched.
    ///
    ///     due   │         │    ▼ now  │                      at the old rate
    ///           │         │    ┊ │ ← the rest of the distance, by the ratio of the rates
    ///           │         │      │   │   │   │               at the new rate
    mutating func change(from slot: Int, toStreamPps pps: Double, nowNs: Int64) {
        precondition(isUniform && pps > 0, "slots at equal distances")
        let due = dueNs(slot)
        let newStepNs = 1e9 / pps
        let restNs = Double(max(0, due - nowNs)) * newStepNs / stepNs
        let nextNs = min(due, nowNs) &+ Int64(restNs)
        stepNs = newStepNs
        startNs = nextNs &- Int64(Double(slot) * newStepNs)
    }

    /// Returns the last slot that is due at `nowNs`, at or after the start; -1 if none is.
    package mutating func lastSlot(dueAtNs nowNs: Int64) -> Int {
        if let trace {
            return (trace.last(byNs: nowNs - startNs) + 1) * flows - 1
        }
        if due != nil { return lastDrawn(dueAtNs: nowNs) }
        let elapsedNs = Double(nowNs - startNs)
        let datagrams =
            profile.map { $0.datagrams(byNs: elapsedNs) * Double(flows) } ?? elapsedNs / stepNs
        var group = Int(datagrams / Double(burst))
        // Rounding may be off by one, or by a few where slots are shorter than a nanosecond.
        while group >= 0, dueNs(group * burst) > nowNs { group -= 1 }
        while dueNs((group + 1) * burst) <= nowNs { group += 1 }
        return (group + 1) * burst - 1
    }

    /// Whether a slot is due: the same as a comparison of its time, also for a slot that is far
    /// ahead.
    @inline(__always)
    mutating func isDue(_ slot: Int, atNs nowNs: Int64) -> Bool {
        next == nil ? dueNs(slot) <= nowNs : lastSlot(dueAtNs: nowNs) >= slot
    }

    /// Returns the flow of a slot, the last that was asked for.
    @inline(__always)
    func flow(of slot: Int) -> Int {
        if isUniform { return slot % flows }
        return next?.flow ?? (slot / burst % flows)
    }

    /// Returns the slots from `slot` on that are due together with it and are of the same flow.
    @inline(__always)
    func together(with slot: Int) -> Int { burst - slot % burst }

    private mutating func shapedNs(_ slot: Int) -> Int64 {
        if let trace { return startNs &+ trace.timeNs(of: slot / flows) }
        if next != nil { return drawnNs(slot) }
        let first = Double(slot / burst * burst)
        guard let profile else { return startNs &+ Int64(first * stepNs) }
        return startNs.adding(profile.timeNs(ofDatagram: first / Double(flows)))
    }

    // MARK: Poisson

    private mutating func drawnNs(_ slot: Int) -> Int64 {
        while let number = next?.number, number < slot, next?.isOver == false { next?.advance() }
        return next?.timeNs ?? .max
    }

    private mutating func lastDrawn(dueAtNs nowNs: Int64) -> Int {
        if due?.number == -1 { due?.advance() }
        while let time = due?.timeNs, time <= nowNs, due?.isOver == false { due?.advance() }
        return (due?.number ?? 0) - 1
    }
}

/// The slots of independent Poisson processes, one per flow, in the order of time.
///
/// Their sum is a Poisson process, each datagram of which belongs to any flow with the same
/// probability. Distances are drawn for a rate of 1, so that a rate that changes is one of time.
private struct PoissonTimes: Sendable {
    private(set) var number = -1
    private(set) var flow = 0
    private(set) var timeNs: Int64 = .min
    /// Whether there is no further slot; `timeNs` is then the greatest time.
    private(set) var isOver = false

    private let random: RandomStream
    private let flows: Int
    private let startNs: Int64
    private let stepNs: Double
    private let profile: RateProfile?
    private let endNs: Int64
    private var draws: UInt64 = 0
    private var sum = 0.0
    /// The datagrams that each flow has left; empty if the time is the limit.
    private var left: [Int]
    private var leftOfAll: Int

    init(
        flows: Int, seed: UInt64, startNs: Int64, stepNs: Double, profile: RateProfile?,
        countPerFlow: Int?, endNs: Int64
    ) {
        random = RandomStream(seed: seed)
        self.flows = flows
        self.startNs = startNs
        self.stepNs = stepNs
        self.profile = profile
        self.endNs = endNs
        left = countPerFlow.map { Array(repeating: $0, count: flows) } ?? []
        leftOfAll = countPerFlow.map { $0 * flows } ?? .max
    }

    /// Draws the next slot.
    mutating func advance() {
        guard leftOfAll > 0 else {
            end()
            return
        }
        repeat {
            // In (0, 1], so that the logarithm is finite.
            let uniform = (Double(random[draws] >> 11) + 1) * 0x1p-53
            sum -= log(uniform)
            flow = Int(random[draws &+ 1].multipliedFullWidth(by: UInt64(flows)).high)
            draws &+= 2
        } while !left.isEmpty && left[flow] == 0
        timeNs =
            profile.map { startNs.adding($0.timeNs(ofDatagram: sum / Double(flows))) }
            ?? startNs.adding(sum * stepNs)
        guard timeNs < endNs else {
            end()
            return
        }
        number += 1
        if !left.isEmpty {
            left[flow] -= 1
            leftOfAll -= 1
        }
    }

    private mutating func end() {
        number += 1
        isOver = true
        timeNs = .max
    }
}

extension SendSchedule.Trace {
    /// Returns the time of datagram `number` of a flow after the start.
    fileprivate func timeNs(of number: Int) -> Int64 {
        Int64(number / offsetsNs.count) &* roundNs &+ offsetsNs[number % offsetsNs.count]
    }

    /// Returns the last datagram of a flow at `ns` after the start; -1 if none is due.
    fileprivate func last(byNs ns: Int64) -> Int {
        guard ns >= 0 else { return -1 }
        let (rounds, inside) = (Int(ns / roundNs), ns % roundNs)
        var (low, high) = (0, offsetsNs.count)
        while low < high {
            let middle = (low + high) / 2
            if offsetsNs[middle] <= inside { low = middle + 1 } else { high = middle }
        }
        return rounds * offsetsNs.count + low - 1
    }
}

extension Int64 {
    /// The time so many nanoseconds later; the greatest one if that is after 200 years.
    fileprivate func adding(_ ns: Double) -> Int64 { ns < 6e18 ? self &+ Int64(ns) : .max }
}
