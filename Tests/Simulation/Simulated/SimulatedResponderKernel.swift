import Datagrams
import Glibc
import Harness

@testable import Loops

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
        var atNs: Int64 = 0
        var destination: SocketAddress?
    }

    let seed: UInt64
    let clock = SimulatedClock()
    /// In order of time.
    var arrivals: [Arrival] = []
    /// Datagrams that the socket holds.
    var capacity = Int.max
    var sendCostNs: Int64 = 1_000
    /// Whether datagrams of one source that wait together arrive in one message (UDP_GRO).
    var coalesces = false
    fileprivate var generator: SeededGenerator
    /// What a send call does instead of taking all.
    var sendScript: (_ call: Int, _ count: Int) -> SendStep? = { _, _ in nil }

    /// What a receive call does instead of looking at the queue: the errno with which it fails.
    var receiveScript: (_ call: Int) -> Int32? = { _ in nil }

    /// Peers whose ports are closed: what is answered to them bounces (IP_RECVERR is on).
    var closedPeers: Set<SocketAddress> = []
    /// Entries that the error queue holds.
    var errorCapacity = 255
    /// Whether the kernel says that the error queue had no room.
    var knowsFullErrorQueue = true

    /// Consumed by the next call, whoever it is for.
    fileprivate var pendingError: Int32?
    fileprivate var errorQueue: [KernelError] = []
    /// Port unreachable messages that came, whether or not the queue had room for them.
    fileprivate(set) var resets = 0
    /// Calls that failed because of one.
    fileprivate(set) var refusedCalls = 0
    fileprivate(set) var closedNs: Int64?
    fileprivate(set) var queue: [Arrival] = []
    fileprivate(set) var drops = 0
    fileprivate(set) var answers: [Answer] = []
    fileprivate(set) var sendCalls = 0
    fileprivate(set) var receiveCalls = 0
    fileprivate var next = 0

    init(seed: UInt64 = 1) {
        self.seed = seed
        generator = SeededGenerator(seed: seed)
    }

    func settle() {
        while next < arrivals.count, arrivals[next].atNs <= clock.timeNs {
            if closedNs != nil { break }
            if queue.count < capacity { queue.append(arrivals[next]) } else { drops += 1 }
            next += 1
        }
    }

    /// The error that the call which has just begun consumes.
    fileprivate func refusal() -> Int32? {
        guard let errno = pendingError else { return nil }
        pendingError = nil
        refusedCalls += 1
        return errno
    }

    /// An answer meets a closed port; on loopback the reset is there before the call returns.
    fileprivate func bounce(_ octets: [UInt8]) {
        resets += 1
        pendingError = SystemErrno.connectionRefused.rawValue
        guard errorQueue.count < errorCapacity else { return }
        let session = octets.withUnsafeBytes { $0.baseAddress.map(ProbeLayout.session) }
        errorQueue.append(KernelError(errno: .connectionRefused, isICMP: true, session: session))
    }

    fileprivate func spend(_ ns: Int64) {
        clock.advance(to: clock.timeNs + ns)
        settle()
    }
}

struct SimulatedResponderKernel: ResponderKernel {
    let script: ResponderScript

    mutating func receive(_ batch: borrowing ReceiveBatch) -> Int {
        receive(batch, waitNs: LinuxResponderKernel.receiveTimeoutNs)
    }

    mutating func receive(_ batch: borrowing ReceiveBatch, waitNs: Int64) -> Int {
        script.receiveCalls += 1
        script.spend(300)
        if let errno = script.receiveScript(script.receiveCalls - 1) { return -Int(errno) }
        if let errno = script.refusal() { return -Int(errno) }
        if script.queue.isEmpty {
            let limitNs = script.clock.timeNs + waitNs
            let nextNs =
                script.next < script.arrivals.count
                ? script.arrivals[script.next].atNs : Int64.max
            script.clock.advance(to: min(limitNs, nextNs))
            script.settle()
        }
        var messages = 0
        while messages < batch.slots, !script.queue.isEmpty {
            let together = coalesced()
            let octets = together.flatMap(\.octets)
            let segment = together.count > 1 ? together[0].octets.count : 0
            octets.withUnsafeBytes {
                batch.simulate(
                    messages, octets: $0, segmentBytes: segment, source: together[0].source,
                    kernelNs: script.clock.wallNs(atNs: together[0].atNs))
            }
            messages += 1
        }
        return messages > 0 ? messages : -Int(EAGAIN)
    }

    private func coalesced() -> [ResponderScript.Arrival] {
        var together = [script.queue.removeFirst()]
        let bytes = together[0].octets.count
        guard script.coalesces, bytes > 0 else { return together }
        let most = Int.random(in: 1...20, using: &script.generator)
        while together.count < most, together[together.count - 1].octets.count == bytes,
            let next = script.queue.first, next.source == together[0].source,
            (1...bytes).contains(next.octets.count),
            together.count * bytes + next.octets.count <= SimulatedNetwork.coalescedBytesMax
        {
            together.append(script.queue.removeFirst())
        }
        return together
    }

    mutating func sendBack(_ batch: borrowing ReceiveBatch, from: Int, count: Int) -> Int {
        send(from: from, count: count) { index, call in
            // A message that was coalesced goes back as the datagrams that it came as.
            let bytes = batch.segmentBytes(index)
            for start in stride(from: 0, to: batch.length(index), by: bytes) {
                answer(batch, index, start, min(bytes, batch.length(index) - start), call)
            }
        }
    }

    /// Sends messages as the script says.
    /// - Returns: The number of messages accepted, or -errno.
    private func send(
        from: Int, count: Int, _ message: (_ index: Int, _ call: Int) -> Void
    ) -> Int {
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
            if script.pendingError != nil {
                // sendmmsg hides an error behind what it has taken.
                if index == from { return -Int(script.refusal() ?? 0) }
                script.pendingError = nil
                return index - from
            }
            message(index, call)
        }
        return limit
    }

    mutating func sendPiece(
        _ batch: borrowing ReceiveBatch, of index: Int, offset: Int, bytes: Int
    ) -> Int {
        let call = script.sendCalls
        script.sendCalls += 1
        script.spend(script.sendCostNs)
        if case .fail(let errno) = script.sendScript(call, 1) { return -Int(errno) }
        if let errno = script.refusal() { return -Int(errno) }
        answer(batch, index, offset, bytes, call)
        return 1
    }

    mutating func send(_ outbox: borrowing Outbox, from: Int, count: Int) -> Int {
        send(from: from, count: count) { index, call in
            let octets = Array(outbox.octets(index))
            let destination = outbox.destination(index)
            script.answers.append(
                .init(
                    octets: octets, call: call, atNs: script.clock.timeNs,
                    destination: destination))
            if let destination, script.closedPeers.contains(destination) { script.bounce(octets) }
        }
    }

    private func answer(
        _ batch: borrowing ReceiveBatch, _ index: Int, _ offset: Int, _ bytes: Int, _ call: Int
    ) {
        let octets = UnsafeRawBufferPointer(start: batch.slot(index) + offset, count: bytes)
        script.answers.append(.init(octets: Array(octets), call: call))
        if let peer = batch.source(index), script.closedPeers.contains(peer) {
            script.bounce(Array(octets))
        }
    }

    mutating func waitWritable(timeoutNs: Int64) { script.spend(min(timeoutNs, 5_000_000)) }

    mutating func drops() -> Int? { script.drops }

    mutating func nextError() -> KernelError? {
        guard !script.errorQueue.isEmpty else { return nil }
        let error = script.errorQueue.removeFirst()
        // sock_dequeue_err_skb, net/core/skbuff.c
        script.pendingError =
            script.errorQueue.isEmpty ? nil : SystemErrno.connectionRefused.rawValue
        return error
    }

    mutating func errorQueueIsFull() -> Bool {
        script.knowsFullErrorQueue && script.errorQueue.count >= script.errorCapacity
    }

    mutating func sleep(ns: Int64) { script.spend(ns) }

    mutating func closePort() {
        script.closedNs = script.clock.timeNs
        script.queue = []
    }
}
