import Datagrams
import Glibc

@testable import Workers

/// A responder's socket in virtual time: what arrives when is known before, what it answers is
/// recorded.
final class ResponderScript {
    struct Arrival {
        var atNs: Int64
        var octets: [UInt8]
        var source: SocketAddress?
    }

    struct Answer: Equatable {
        let octets: [UInt8]
        let call: Int
    }

    let seed: UInt64
    let clock = SimulatedClock()
    /// In order of time.
    var arrivals: [Arrival] = []
    /// Datagrams that the socket holds.
    var capacity = Int.max
    var sendCostNs: Int64 = 1_000
    /// What a send call does instead of taking all.
    var sendScript: (_ call: Int, _ count: Int) -> SendStep? = { _, _ in nil }

    fileprivate(set) var queue: [Arrival] = []
    fileprivate(set) var drops = 0
    fileprivate(set) var answers: [Answer] = []
    fileprivate(set) var sendCalls = 0
    fileprivate(set) var receiveCalls = 0
    fileprivate var next = 0

    init(seed: UInt64 = 1) { self.seed = seed }

    func settle() {
        while next < arrivals.count, arrivals[next].atNs <= clock.timeNs {
            if queue.count < capacity { queue.append(arrivals[next]) } else { drops += 1 }
            next += 1
        }
    }

    fileprivate func spend(_ ns: Int64) {
        clock.advance(to: clock.timeNs + ns)
        settle()
    }
}

struct SimulatedResponderKernel: ResponderKernel {
    let script: ResponderScript

    mutating func receive(_ batch: borrowing ReceiveBatch) -> Int {
        script.receiveCalls += 1
        script.spend(300)
        if script.queue.isEmpty {
            let limitNs = script.clock.timeNs + LinuxResponderKernel.receiveTimeoutNs
            let nextNs =
                script.next < script.arrivals.count
                ? script.arrivals[script.next].atNs : Int64.max
            script.clock.advance(to: min(limitNs, nextNs))
            script.settle()
        }
        let count = min(batch.slots, script.queue.count)
        guard count > 0 else { return -Int(EAGAIN) }
        for (index, arrival) in script.queue[..<count].enumerated() {
            arrival.octets.withUnsafeBytes {
                batch.simulate(index, octets: $0, source: arrival.source)
            }
        }
        script.queue.removeFirst(count)
        return count
    }

    mutating func sendBack(_ batch: borrowing ReceiveBatch, from: Int, count: Int) -> Int {
        let call = script.sendCalls
        script.sendCalls += 1
        script.spend(script.sendCostNs)
        var limit = count
        switch script.sendScript(call, count) {
        case .take(let most): limit = min(most, count)
        case .stall(let ns): script.spend(ns)
        case .fail(let errno): return -Int(errno)
        case nil: break
        }
        for index in from..<(from + limit) {
            let octets = UnsafeRawBufferPointer(
                start: batch.slot(index), count: batch.length(index))
            script.answers.append(.init(octets: Array(octets), call: call))
        }
        return limit
    }

    mutating func waitWritable(timeoutNs: Int64) { script.spend(min(timeoutNs, 5_000_000)) }

    mutating func drops() -> Int { script.drops }
}
