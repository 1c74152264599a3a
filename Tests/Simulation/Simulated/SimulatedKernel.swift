import Datagrams
import Glibc

@testable import Loops

/// The sender's side of a simulated network: fails, takes a part or all, as the script says.
struct SimulatedKernel: DatagramKernel {
    static let callCostNs: Int64 = 300

    let network: SimulatedNetwork
    private var ready: [Int] = []

    init(_ network: SimulatedNetwork) { self.network = network }

    mutating func send(flow: Int, _ batch: borrowing SendBatch, from: Int, count: Int) -> Int {
        let call = network.record.sendCalls
        network.record.sendCalls += 1
        spend(network.sendCostNs)
        var limit = count
        switch network.sendScript(call, count) {
        case .take(let most): limit = min(most, count)
        case .stall(let ns): spend(ns)
        case .fail(let errno):
            network.record.failures[errno, default: 0] += 1
            return -Int(errno)
        case nil: break
        }
        for index in 0..<limit {
            if let errno = network.sockets[flow].pendingError {
                // Each error is consumed by exactly one call; sendmmsg hides it when the call
                // has taken something before.
                network.sockets[flow].pendingError = nil
                if index > 0 { return index }
                network.record.failures[errno, default: 0] += 1
                return -Int(errno)
            }
            // A super-packet leaves the host as the datagrams that it is made of.
            let message = UnsafeRawBufferPointer(
                start: batch.slot(from + index), count: batch.length(from + index))
            for start in stride(from: 0, to: message.count, by: network.payloadBytes) {
                let end = min(message.count, start + network.payloadBytes)
                network.transmit(Array(message[start..<end]), flow: flow)
            }
            network.settle()
        }
        return limit
    }

    mutating func receive(flow: Int, _ batch: borrowing ReceiveBatch) -> Int {
        spend(Self.callCostNs)
        let call = network.record.receiveCalls
        network.record.receiveCalls += 1
        if let errno = network.receiveScript(call) { return -Int(errno) }
        if let errno = network.sockets[flow].pendingError {
            network.sockets[flow].pendingError = nil
            return -Int(errno)
        }
        var messages = 0
        while messages < batch.slots, !network.sockets[flow].queue.isEmpty {
            let together = coalesced(flow)
            let octets = together.flatMap(\.octets)
            let segment = together.count > 1 ? together[0].octets.count : 0
            octets.withUnsafeBytes {
                batch.simulate(
                    messages, octets: $0, segmentBytes: segment, kernelNs: together[0].kernelNs)
            }
            messages += 1
            for datagram in together { note(datagram) }
        }
        return messages > 0 ? messages : -Int(EAGAIN)
    }

    /// Takes the next datagram off the queue, and with UDP_GRO those behind it that the kernel
    /// has coalesced with it: of equal size, but for a shorter last one.
    private func coalesced(_ flow: Int) -> [SimulatedNetwork.Datagram] {
        var together = [network.sockets[flow].queue.removeFirst()]
        let bytes = together[0].octets.count
        guard network.coalesces, bytes > 0 else { return together }
        let most = Int.random(in: 1...20, using: &network.generator)
        while together.count < most, together[together.count - 1].octets.count == bytes,
            let next = network.sockets[flow].queue.first,
            (1...bytes).contains(next.octets.count),
            together.count * bytes + next.octets.count <= SimulatedNetwork.coalescedBytesMax
        {
            together.append(network.sockets[flow].queue.removeFirst())
        }
        return together
    }

    private func note(_ datagram: SimulatedNetwork.Datagram) {
        if let probe = datagram.probe, !datagram.isAltered {
            network.record.delivered.append((probe, datagram.isLate))
            network.onDelivery?(probe)
        } else {
            network.record.deliveredAltered += 1
        }
    }

    mutating func wait(timeoutNs: Int64) -> Int {
        network.record.waitCalls += 1
        spend(Self.callCostNs)
        if let failure = network.waitFailure, network.clock.timeNs >= failure.fromNs {
            return -Int(failure.errno)
        }
        let untilNs = network.clock.timeNs + max(0, timeoutNs)
        while true {
            ready = network.sockets.indices.filter {
                let socket = network.sockets[$0]
                return !socket.queue.isEmpty || socket.pendingError != nil
                    || !socket.errorQueue.isEmpty
            }
            ready = Array(ready.prefix(Readiness.capacity))
            if !ready.isEmpty || network.clock.timeNs >= untilNs { return ready.count }
            network.clock.advance(to: min(network.events.nextNs ?? .max, untilNs))
            network.settle()
        }
    }

    mutating func readyFlow(_ index: Int) -> Int { ready[index] }

    mutating func readyHasError(_ index: Int) -> Bool {
        !network.sockets[ready[index]].errorQueue.isEmpty
    }

    mutating func waitWritable(flow: Int, timeoutNs: Int64) { spend(min(timeoutNs, 200_000)) }

    mutating func nextError(flow: Int) -> KernelError? {
        guard !network.sockets[flow].errorQueue.isEmpty else { return nil }
        let error = network.sockets[flow].errorQueue.removeFirst()
        // Reading the queue clears the pending error (ip_recv_error, net/ipv4/ip_sockglue.c).
        if network.sockets[flow].errorQueue.isEmpty { network.sockets[flow].pendingError = nil }
        return error
    }

    mutating func drops(flow: Int) -> Int? { network.sockets[flow].drops }

    private func spend(_ ns: Int64) {
        network.clock.advance(to: network.clock.timeNs + ns)
        network.settle()
    }
}
