import Datagrams
import Glibc
import Metrics

/// What the responder loop asks of a kernel.
package protocol ResponderKernel: ~Copyable {
    /// recvmmsg(2) that waits for the first datagram, for at most the socket's timeout.
    mutating func receive(_ batch: borrowing ReceiveBatch) -> Int
    /// sendmmsg(2) of messages that were turned around: how many were taken, or -errno.
    mutating func sendBack(_ batch: borrowing ReceiveBatch, from: Int, count: Int) -> Int
    /// Waits until the socket takes datagrams again, at most `timeoutNs`.
    mutating func waitWritable(timeoutNs: Int64)
    mutating func drops() -> Int
}

/// The one socket of a responder.
package struct LinuxResponderKernel: ResponderKernel, ~Copyable {
    /// How soon a stop is noticed when nothing arrives.
    static let receiveTimeoutNs: Int64 = 50_000_000

    let socket: DatagramSocket
    package let address: SocketAddress
    package let receiveBufferAsked: Int
    package let receiveBufferGranted: Int

    private init(
        socket: consuming DatagramSocket, address: SocketAddress, asked: Int, granted: Int
    ) {
        self.socket = socket
        self.address = address
        receiveBufferAsked = asked
        receiveBufferGranted = granted
    }

    /// - Throws: When `address` cannot be bound: in use, not this host's, not permitted.
    package static func open(
        at address: SocketAddress, receiveBufferAsked asked: Int
    ) throws(SystemFailure) -> LinuxResponderKernel {
        let socket = try DatagramSocket(family: address.family)
        let granted = socket.askReceiveBuffer(bytes: asked)
        _ = socket.askSendBuffer(bytes: LinuxKernel.bufferBytesAsked)
        socket.setReceiveTimeout(ns: receiveTimeoutNs)
        try socket.bind(to: address)
        let bound = try socket.localAddress()
        return LinuxResponderKernel(
            socket: socket, address: bound, asked: asked, granted: granted)
    }

    @inline(__always)
    package mutating func receive(_ batch: borrowing ReceiveBatch) -> Int {
        batch.receive(on: socket.descriptor, count: batch.slots, wait: true)
    }

    @inline(__always)
    package mutating func sendBack(
        _ batch: borrowing ReceiveBatch, from: Int, count: Int
    ) -> Int {
        batch.sendBack(on: socket.descriptor, from: from, count: count)
    }

    package mutating func waitWritable(timeoutNs: Int64) {
        var entry = pollfd(fd: socket.descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&entry, 1, Int32(max(1, timeoutNs / 1_000_000)))
    }

    package mutating func drops() -> Int { socket.receiveDrops() }
}

/// The probes of one flow in one phase, as a responder expects them.
package struct ExpectedStream: Sendable {
    /// The sessions `firstSession ..< firstSession + flows`.
    package var firstSession: UInt16
    package var flows: Int
    package var payloadBytes: Int
    package var firstSequence: UInt64
    package var statistics: StreamConfiguration
    package var windowCapacity: Int

    package init(
        firstSession: UInt16, flows: Int, payloadBytes: Int, firstSequence: UInt64,
        statistics: StreamConfiguration, windowCapacity: Int
    ) {
        self.firstSession = firstSession
        self.flows = flows
        self.payloadBytes = payloadBytes
        self.firstSequence = firstSequence
        self.statistics = statistics
        self.windowCapacity = windowCapacity
    }
}

/// What a responder counted of one flow: unique datagrams.
package struct ResponderFlow: Sendable {
    package var received = 0
    package var duplicates = 0
    package var echoed = 0
    package var echoFailed = 0
    package var rejected = 0
    package var firstReceivedNs: Int64 = 0
    package var lastReceivedNs: Int64 = 0
}

/// Answers (echo, RFC 862) or counts (sink) the probes of the streams that it was told of: one
/// socket, one thread. What is no probe of theirs is counted and never answered.
package struct ResponderLoop<
    Kernel: ResponderKernel & ~Copyable, Clock: MonotonicClock
>: ~Copyable {
    static var batch: Int { 64 }
    /// How long a full send buffer may hold up an answer before it counts as failed.
    static var answerPatienceNs: Int64 { 20_000_000 }
    static var floodPatienceNs: Int64 { 1_000_000_000 }
    static var liveEveryNs: Int64 { 250_000_000 }

    let clock: Clock
    let control: LoopControl
    let echoes: Bool
    let anchorNs: Int64
    let runID: UInt64
    let streams: [ExpectedStream]
    /// Session → index into `flows`, −1 where no stream has it. 65,536 entries.
    private let flowOfSession: UnsafeMutablePointer<Int32>
    private let streamOfFlow: UnsafeMutablePointer<Int32>
    private let flowCount: Int
    private let windows: UnsafeMutablePointer<ArrivalWindow>
    private let statistics: UnsafeMutablePointer<StreamStatistics>
    private let flows: UnsafeMutablePointer<ResponderFlow>
    private let peers: UnsafeMutablePointer<SocketAddress?>
    /// Per slot of a batch: the flow to answer, or −1; and whether it was a first copy.
    private let answerFlow: UnsafeMutablePointer<Int32>
    private let isFirstCopy: UnsafeMutablePointer<Bool>
    private let leaps: UnsafeMutablePointer<SequenceLeap?>
    private var batches = 0
    private let incoming: ReceiveBatch
    package private(set) var rejected = RejectedCounts()
    package private(set) var datagrams = 0

    package init(
        streams: [ExpectedStream], echoes: Bool, runID: UInt64, anchorNs: Int64, clock: Clock,
        control: LoopControl
    ) {
        // First of all: Swift 6.3.1 takes a later initialisation of a noncopyable property in a
        // generic type for an assignment, and destroys what is not there yet.
        let largest = streams.map(\.payloadBytes).max() ?? ProbeLayout.maximumBytes
        incoming = ReceiveBatch(
            slots: Self.batch, slotBytes: largest + 1, withAddresses: true, withControl: false)
        self.streams = streams
        self.echoes = echoes
        self.runID = runID
        self.anchorNs = anchorNs
        self.clock = clock
        self.control = control
        flowCount = streams.reduce(0) { $0 + $1.flows }
        precondition(flowCount <= 1 << 16, "a session number has 16 bits")
        flowOfSession = .allocate(capacity: 1 << 16)
        flowOfSession.initialize(repeating: -1, count: 1 << 16)
        streamOfFlow = .allocate(capacity: flowCount)
        windows = .allocate(capacity: flowCount)
        statistics = .allocate(capacity: streams.count)
        flows = .allocate(capacity: flowCount)
        flows.initialize(repeating: ResponderFlow(), count: flowCount)
        peers = .allocate(capacity: flowCount)
        peers.initialize(repeating: nil, count: flowCount)
        answerFlow = .allocate(capacity: Self.batch)
        answerFlow.initialize(repeating: -1, count: Self.batch)
        isFirstCopy = .allocate(capacity: Self.batch)
        isFirstCopy.initialize(repeating: false, count: Self.batch)
        leaps = .allocate(capacity: flowCount)
        leaps.initialize(repeating: nil, count: flowCount)
        var flow = 0
        for (index, stream) in streams.enumerated() {
            (statistics + index).initialize(
                to: StreamStatistics(configuration: stream.statistics))
            for number in 0..<stream.flows {
                flowOfSession[Int(stream.firstSession) + number] = Int32(flow)
                (streamOfFlow + flow).initialize(to: Int32(index))
                (windows + flow).initialize(
                    to: ArrivalWindow(
                        capacity: stream.windowCapacity, firstSequence: stream.firstSequence,
                        timeoutNs: stream.statistics.timeoutNs, hasStamps: !echoes))
                flow += 1
            }
        }
    }

    deinit {
        flowOfSession.deallocate()
        streamOfFlow.deallocate()
        windows.deinitialize(count: flowCount)
        windows.deallocate()
        statistics.deinitialize(count: streams.count)
        statistics.deallocate()
        flows.deallocate()
        peers.deinitialize(count: flowCount)
        peers.deallocate()
        answerFlow.deallocate()
        isFirstCopy.deallocate()
        leaps.deallocate()
    }

    /// Runs until it is told to stop and nothing has arrived for the drain time after that; where
    /// something always arrives, `floodPatienceNs` longer than the drain.
    package mutating func run(_ kernel: inout Kernel) {
        var quietSinceNs = clock.nowNs()
        var nextLiveNs = quietSinceNs
        var stoppedNs = Int64.max
        while true {
            // Looked at before the queue: what came before a stop is in the queue, and only an
            // empty one says that nothing is left of it.
            let isStopping = control.isStopping
            let count = kernel.receive(incoming)
            let now = clock.nowNs()
            if now >= nextLiveNs, !streams.isEmpty {
                nextLiveNs = now + Self.liveEveryNs
                control.publish(statistics[0].intervalSnapshot())
            }
            if count > 0 {
                quietSinceNs = now
                datagrams += count
                batches += 1
                for index in 0..<count { took(in: index, nowNs: now) }
                if echoes { answer(&kernel, count: count) }
            }
            guard isStopping else { continue }
            stoppedNs = min(stoppedNs, now)
            let drainNs = control.drainLimitNs
            if count <= 0, now - quietSinceNs >= drainNs { return }
            if now - stoppedNs - Self.floodPatienceNs >= drainNs { return }
        }
    }

    /// Settles the flows of stream `index`. Call it once, after `run`.
    /// - Parameter sent: What the sender says that each flow sent: the lost tail counts.
    package mutating func close(stream index: Int, sent: [Int]) {
        var number = 0
        for flow in 0..<flowCount where Int(streamOfFlow[flow]) == index {
            let sentByFlow = number < sent.count ? sent[number] : flows[flow].received
            decideLeap(of: flow, stream: index, sent: sentByFlow)
            windows[flow].close(sent: UInt64(sentByFlow), into: &statistics[index])
            number += 1
        }
    }

    package func figures(stream index: Int) -> StreamFigures { statistics[index].summary() }

    /// What was counted of stream `index`, all its flows together.
    package func counts(stream index: Int) -> ResponderFlow {
        var sum = ResponderFlow()
        for flow in 0..<flowCount where Int(streamOfFlow[flow]) == index {
            let one = flows[flow]
            sum.received += one.received
            sum.duplicates += one.duplicates
            sum.echoed += one.echoed
            sum.echoFailed += one.echoFailed
            sum.rejected += one.rejected
            if one.received > 0 {
                let isFirst = sum.firstReceivedNs == 0
                sum.firstReceivedNs =
                    isFirst ? one.firstReceivedNs : min(sum.firstReceivedNs, one.firstReceivedNs)
                sum.lastReceivedNs = max(sum.lastReceivedNs, one.lastReceivedNs)
            }
        }
        return sum
    }

    // MARK: - Per datagram

    @inline(__always)
    private mutating func took(in index: Int, nowNs: Int64) {
        answerFlow[index] = -1
        let length = incoming.length(index)
        guard length >= ProbeLayout.minimumBytes else {
            rejected.short += 1
            return
        }
        let slot = UnsafeRawPointer(incoming.slot(index))
        let flow = Int(flowOfSession[Int(ProbeLayout.session(slot))])
        guard flow >= 0 else {
            rejected.runId += 1
            return
        }
        let stream = Int(streamOfFlow[flow])
        guard isOfStream(slot, index: index, length: length, stream: stream, flow: flow) else {
            return
        }
        let wire = ProbeLayout.sequence(slot)
        let stampNs: Int64? = echoes ? nil : sentNs(slot)
        let ahead = SequenceLeap.distance(wire, from: windows[flow].nextSequence)
        if ahead > windows[flow].capacity {
            let leap = SequenceLeap(
                wireSequence: wire, stampNs: stampNs, receivedNs: nowNs, batch: batches,
                slot: index)
            guard confirmsLeap(leap, flow: flow, stream: stream) else { return }
        }
        let isFirst = record(
            wire, stampNs: stampNs, receivedNs: nowNs, flow: flow, stream: stream)
        guard let isFirst else { return }
        isFirstCopy[index] = isFirst
        answerFlow[index] = Int32(flow)
    }

    /// Records one probe of `flow`.
    /// - Returns: Whether it was the first copy; `nil` when it was none that the flow can have.
    @inline(__always)
    private mutating func record(
        _ wire: UInt32, stampNs: Int64?, receivedNs: Int64, flow: Int, stream: Int
    ) -> Bool? {
        let arrival = windows[flow].recordArrival(
            wireSequence: wire, stampNs: stampNs, receivedNs: receivedNs,
            into: &statistics[stream])
        switch arrival {
        case .inTime, .late:
            if flows[flow].received == 0 { flows[flow].firstReceivedNs = receivedNs }
            flows[flow].received += 1
            flows[flow].lastReceivedNs = receivedNs
            return true
        case .duplicate:
            flows[flow].duplicates += 1
            return false
        case .fromFuture: rejected.fromFuture += 1
        case .beyondWindow: rejected.beyondWindow += 1
        case .corrupt: rejected.corrupt += 1
        case .impossible: rejected.impossible += 1
        }
        return nil
    }

    // MARK: - Leaps

    /// Whether `leap` is the second of two from the same place, so that both count. If not, it is
    /// answered, and stands in for the one that was set aside before.
    private mutating func confirmsLeap(_ leap: SequenceLeap, flow: Int, stream: Int) -> Bool {
        if let first = leaps[flow],
            first.isConfirmed(by: leap.wireSequence, capacity: windows[flow].capacity)
        {
            leaps[flow] = nil
            accept(first, flow: flow, stream: stream)
            return true
        }
        if leaps[flow] != nil { rejected.fromFuture += 1 }
        leaps[flow] = leap
        isFirstCopy[leap.slot] = false
        answerFlow[leap.slot] = Int32(flow)
        return false
    }

    private mutating func accept(_ leap: SequenceLeap, flow: Int, stream: Int) {
        let isFirst = record(
            leap.wireSequence, stampNs: leap.stampNs, receivedNs: leap.receivedNs, flow: flow,
            stream: stream)
        guard isFirst == true, echoes else { return }
        if leap.batch == batches {
            isFirstCopy[leap.slot] = true
        } else if leap.hasEchoFailed {
            flows[flow].echoFailed += 1
        } else {
            flows[flow].echoed += 1
        }
    }

    /// At the end: a leap that nothing confirmed was the last probe, or none that was sent.
    private mutating func decideLeap(of flow: Int, stream: Int, sent: Int) {
        guard let leap = leaps[flow] else { return }
        leaps[flow] = nil
        batches += 1
        let next = windows[flow].nextSequence
        let ahead = SequenceLeap.distance(leap.wireSequence, from: next)
        let received = Int(next - streams[stream].firstSequence)
        if ahead >= 0, received + ahead < sent {
            accept(leap, flow: flow, stream: stream)
        } else {
            rejected.fromFuture += 1
        }
    }

    // MARK: - Whose it is

    @inline(__always)
    private mutating func isOfStream(
        _ slot: UnsafeRawPointer, index: Int, length: Int, stream: Int, flow: Int
    ) -> Bool {
        let expected = streams[stream].payloadBytes
        if length != expected || incoming.isTruncated(index) {
            if length < expected { rejected.short += 1 } else { rejected.truncated += 1 }
            return false
        }
        if expected >= 24, ProbeLayout.runID(slot) != runID {
            rejected.runId += 1
            return false
        }
        return isPeer(index, of: flow)
    }

    /// A flow has one source address: that of its first datagram.
    @inline(__always)
    private mutating func isPeer(_ index: Int, of flow: Int) -> Bool {
        let source = incoming.source(index)
        if peers[flow] == nil { peers[flow] = source }
        guard peers[flow] == source else {
            rejected.peer += 1
            return false
        }
        return true
    }

    @inline(__always)
    private func sentNs(_ slot: UnsafeRawPointer) -> Int64 {
        ProbeLayout.sentNs(slot, anchorNs: anchorNs)
    }

    /// Sends back every datagram of the batch that is to be answered, in order.
    private mutating func answer(_ kernel: inout Kernel, count: Int) {
        incoming.turnAround(count: count)
        var index = 0
        var waitedNs: Int64 = 0
        while index < count {
            guard answerFlow[index] >= 0 else {
                index += 1
                continue
            }
            var end = index + 1
            while end < count, answerFlow[end] >= 0 { end += 1 }
            let result = kernel.sendBack(incoming, from: index, count: end - index)
            if result > 0 {
                for done in index..<(index + result) where isFirstCopy[done] {
                    flows[Int(answerFlow[done])].echoed += 1
                }
                index += result
                waitedNs = 0
            } else if result == -Int(EAGAIN), waitedNs < Self.answerPatienceNs {
                let before = clock.nowNs()
                kernel.waitWritable(timeoutNs: Self.answerPatienceNs)
                waitedNs += max(1, clock.nowNs() - before)
            } else {
                countFailed(index)
                index += 1
                waitedNs = 0
            }
        }
    }

    private func countFailed(_ index: Int) {
        let flow = Int(answerFlow[index])
        if isFirstCopy[index] {
            flows[flow].echoFailed += 1
        } else if let leap = leaps[flow], leap.batch == batches, leap.slot == index {
            leaps[flow]?.hasEchoFailed = true
        }
    }
}
