import Datagrams
import Glibc
import Metrics

/// What the responder loop asks of a kernel.
package protocol ResponderKernel: ~Copyable {
    /// recvmmsg(2) that waits for the first datagram, for at most the socket's timeout.
    mutating func receive(_ batch: borrowing ReceiveBatch) -> Int
    /// sendmmsg(2) of messages that were turned around: how many were taken, or -errno.
    mutating func sendBack(_ batch: borrowing ReceiveBatch, from: Int, count: Int) -> Int
    /// Sends back a part of one message as a datagram of its own: 1 or -errno.
    mutating func sendPiece(
        _ batch: borrowing ReceiveBatch, of index: Int, offset: Int, bytes: Int) -> Int
    /// Waits until the socket takes datagrams again, at most `timeoutNs`.
    mutating func waitWritable(timeoutNs: Int64)
    mutating func drops() -> Int
}

extension ResponderKernel where Self: ~Copyable {
    package mutating func sendPiece(
        _ batch: borrowing ReceiveBatch, of index: Int, offset: Int, bytes: Int
    ) -> Int { -Int(EOPNOTSUPP) }
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
        at address: SocketAddress, receiveBufferAsked asked: Int,
        features: SocketFeatures = SocketFeatures(), sharesPort: Bool = false
    ) throws(SystemFailure) -> LinuxResponderKernel {
        let socket = try DatagramSocket(family: address.family)
        features.apply(to: socket)
        if sharesPort, let errno = socket.set(.reusePort, to: 1) {
            throw SystemFailure("SO_REUSEPORT", "\(address)", errno)
        }
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

    package mutating func sendPiece(
        _ batch: borrowing ReceiveBatch, of index: Int, offset: Int, bytes: Int
    ) -> Int {
        batch.sendPiece(on: socket.descriptor, of: index, offset: offset, bytes: bytes)
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

    mutating func add(_ other: ResponderFlow) {
        if other.received > 0 {
            firstReceivedNs =
                received > 0
                ? min(firstReceivedNs, other.firstReceivedNs) : other.firstReceivedNs
            lastReceivedNs = max(lastReceivedNs, other.lastReceivedNs)
        }
        received += other.received
        duplicates += other.duplicates
        echoed += other.echoed
        echoFailed += other.echoFailed
        rejected += other.rejected
    }
}

/// Answers (echo, RFC 862) or counts (sink) the probes of the streams that it was told of: one
/// socket, one thread. What is no probe of theirs is counted and never answered.
package struct ResponderLoop<
    Kernel: ResponderKernel & ~Copyable, Clock: MonotonicClock
>: ~Copyable {
    static var batch: Int { 64 }
    /// Coalesced messages have up to 64 KiB each: as many as keep the batch within the caches.
    static var coalescedBatch: Int { 16 }
    /// How long a full send buffer may hold up an answer before it counts as failed.
    static var answerPatienceNs: Int64 { 20_000_000 }

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
    /// The source address of each flow, as the kernel writes it; all zero before its first.
    private let peers: UnsafeMutablePointer<UInt8>
    private let hasPeer: UnsafeMutablePointer<Bool>
    /// Per message of a batch: the flow to answer, or −1 for none; how many first copies of its
    /// probes it holds; and whether all that it holds is to be answered.
    private let answerFlow: UnsafeMutablePointer<Int32>
    private let firstCopies: UnsafeMutablePointer<Int32>
    private let isWhole: UnsafeMutablePointer<Bool>
    private let incoming: ReceiveBatch
    private let usesKernelTimestamps: Bool
    private var kernelAnchorNs: Int64
    private var stackDelays = DelayHistogram()
    package private(set) var rejected = RejectedCounts()
    package private(set) var datagrams = 0

    package init(
        streams: [ExpectedStream], echoes: Bool, runID: UInt64, anchorNs: Int64, clock: Clock,
        control: LoopControl, coalesces: Bool = false, usesKernelTimestamps: Bool = false
    ) {
        // First of all: Swift 6.3.1 takes a later initialisation of a noncopyable property in a
        // generic type for an assignment, and destroys what is not there yet.
        let largest = streams.map(\.payloadBytes).max() ?? ProbeLayout.maximumBytes
        incoming = ReceiveBatch(
            slots: coalesces ? Self.coalescedBatch : Self.batch,
            slotBytes: coalesces ? 1 << 16 : largest + 1, withAddresses: true,
            withControl: coalesces || usesKernelTimestamps)
        self.usesKernelTimestamps = usesKernelTimestamps
        kernelAnchorNs = anchorNs
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
        peers = .allocate(capacity: flowCount * ReceiveBatch.addressBytes)
        peers.initialize(repeating: 0, count: flowCount * ReceiveBatch.addressBytes)
        hasPeer = .allocate(capacity: flowCount)
        hasPeer.initialize(repeating: false, count: flowCount)
        answerFlow = .allocate(capacity: Self.batch)
        answerFlow.initialize(repeating: -1, count: Self.batch)
        firstCopies = .allocate(capacity: Self.batch)
        firstCopies.initialize(repeating: 0, count: Self.batch)
        isWhole = .allocate(capacity: Self.batch)
        isWhole.initialize(repeating: false, count: Self.batch)
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
        peers.deallocate()
        hasPeer.deallocate()
        answerFlow.deallocate()
        firstCopies.deallocate()
        isWhole.deallocate()
    }

    /// Runs until it is told to stop and nothing has arrived for the drain time after that.
    package mutating func run(_ kernel: inout Kernel) {
        var quietSinceNs = clock.nowNs()
        var nextLiveNs = quietSinceNs
        while true {
            let count = kernel.receive(incoming)
            let now = clock.nowNs()
            if now >= nextLiveNs, !streams.isEmpty {
                nextLiveNs = now + 250_000_000
                control.publish(statistics[0].intervalSnapshot())
                if usesKernelTimestamps { kernelAnchorNs = WallTime.anchorNs(clock: clock) }
            }
            guard count > 0 else {
                if control.isStopping, now - quietSinceNs >= control.drainLimitNs { return }
                continue
            }
            quietSinceNs = now
            for index in 0..<count { took(message: index, nowNs: now) }
            if echoes { answer(&kernel, count: count) }
        }
    }

    private func flowIndex(_ stream: Int, _ flow: Int) -> Int {
        streams[..<stream].reduce(0) { $0 + $1.flows } + flow
    }

    /// Whether anything of a flow came to this loop.
    package func served(_ stream: Int, _ flow: Int) -> Bool {
        windows[flowIndex(stream, flow)].uniqueCount > 0
    }

    /// Settles one flow. Call it once for each that this loop answers for, after `run`.
    /// - Parameter sent: What the sender says that it sent: the lost tail counts. `nil`: as far
    ///   as has been seen here.
    package mutating func close(stream: Int, flow: Int, sent: Int?) {
        let index = flowIndex(stream, flow)
        let seen = Int(windows[index].nextSequence - streams[stream].firstSequence)
        windows[index].close(sent: UInt64(sent ?? seen), into: &statistics[stream])
    }

    /// Adds what another thread counted of a stream.
    package mutating func merge(stream: Int, _ other: borrowing Self) {
        statistics[stream].merge(other.statistics[stream])
    }

    package mutating func mergeStackDelays(_ other: borrowing Self) {
        stackDelays.merge(other.stackDelays)
    }

    package func stackNs() -> DelaySummary { stackDelays.summary() }

    package func figures(stream index: Int) -> StreamFigures { statistics[index].summary() }

    /// What was counted of stream `index`, all its flows together.
    package func counts(stream index: Int) -> ResponderFlow {
        var sum = ResponderFlow()
        for flow in 0..<flowCount where Int(streamOfFlow[flow]) == index { sum.add(flows[flow]) }
        return sum
    }

    // MARK: - Per message

    private mutating func took(message index: Int, nowNs: Int64) {
        answerFlow[index] = -1
        firstCopies[index] = 0
        isWhole[index] = true
        let first = UnsafeRawPointer(incoming.slot(index))
        let length = incoming.length(index)
        let atNs = usesKernelTimestamps ? arrival(index, nowNs: nowNs) : nowNs
        let bytes = incoming.segmentBytes(index)
        if length <= bytes {
            datagrams += 1
            took(
                first, length: length, isTruncated: incoming.isTruncated(index), message: index,
                atNs: atNs)
            return
        }
        datagrams += (length + bytes - 1) / bytes
        if length % bytes == 0,
            tookRun(first, bytes: bytes, count: length / bytes, message: index, atNs: atNs)
        {
            return
        }
        for offset in stride(from: 0, to: length, by: bytes) {
            took(
                first + offset, length: min(bytes, length - offset), isTruncated: false,
                message: index, atNs: atNs)
        }
    }

    /// When the kernel received the message, in monotonic time.
    private mutating func arrival(_ index: Int, nowNs: Int64) -> Int64 {
        let kernelNs = incoming.kernelNs(index)
        guard kernelNs != 0 else { return nowNs }
        let arrivedNs = min(nowNs, kernelNs &- kernelAnchorNs)
        stackDelays.record(nowNs &- arrivedNs)
        return arrivedNs
    }

    /// Takes a whole coalesced message at once when it is a run of consecutive probes. Only the
    /// headers are looked at.
    @inline(__always)
    private mutating func tookRun(
        _ first: UnsafeRawPointer, bytes: Int, count: Int, message: Int, atNs: Int64
    ) -> Bool {
        guard bytes >= ProbeLayout.minimumBytes else { return false }
        let flow = Int(flowOfSession[Int(ProbeLayout.session(first))])
        guard flow >= 0 else { return false }
        let stream = Int(streamOfFlow[flow])
        let layout = ProbeLayout(payloadBytes: bytes, runID: runID, anchorNs: anchorNs)
        guard bytes == streams[stream].payloadBytes,
            layout.isRun(first, count: count, wholePayload: false),
            !layout.hasRunID || ProbeLayout.runID(first) == runID, isPeer(message, of: flow)
        else { return false }
        let arrivals = windows[flow].recordArrivals(
            wireSequence: ProbeLayout.sequence(first), count: count,
            stampNs: echoes ? nil : sentNs(first), stampStepNs: 1, receivedNs: atNs,
            into: &statistics[stream])
        let copies = arrivals.inTime + arrivals.late
        answerFlow[message] = Int32(flow)
        firstCopies[message] = Int32(copies)
        received(copies, flow: flow, atNs: atNs)
        if copies < count {
            flows[flow].duplicates += arrivals.duplicate
            rejected.fromFuture += arrivals.fromFuture
            rejected.beyondWindow += arrivals.beyondWindow
            rejected.corrupt += arrivals.corrupt
            rejected.impossible += arrivals.impossible
            isWhole[message] = copies + arrivals.duplicate == count
        }
        return true
    }

    // MARK: - Per datagram

    @inline(__always)
    private mutating func received(_ copies: Int, flow: Int, atNs: Int64) {
        guard copies > 0 else { return }
        if flows[flow].received == 0 { flows[flow].firstReceivedNs = atNs }
        flows[flow].received += copies
        flows[flow].lastReceivedNs = atNs
    }

    @inline(__always)
    private mutating func took(
        _ slot: UnsafeRawPointer, length: Int, isTruncated: Bool, message: Int, atNs: Int64
    ) {
        guard length >= ProbeLayout.minimumBytes else {
            rejected.short += 1
            isWhole[message] = false
            return
        }
        let flow = Int(flowOfSession[Int(ProbeLayout.session(slot))])
        guard flow >= 0 else {
            rejected.runId += 1
            isWhole[message] = false
            return
        }
        let stream = Int(streamOfFlow[flow])
        guard
            isOfStream(
                slot, length: length, isTruncated: isTruncated, message: message, stream: stream,
                flow: flow)
        else {
            isWhole[message] = false
            return
        }
        let stampNs: Int64? = echoes ? nil : sentNs(slot)
        let arrival = windows[flow].recordArrival(
            wireSequence: ProbeLayout.sequence(slot), stampNs: stampNs, receivedNs: atNs,
            into: &statistics[stream])
        switch arrival {
        case .inTime, .late:
            received(1, flow: flow, atNs: atNs)
            firstCopies[message] += 1
            answerFlow[message] = Int32(flow)
            return
        case .duplicate:
            flows[flow].duplicates += 1
            answerFlow[message] = Int32(flow)
            return
        case .fromFuture: rejected.fromFuture += 1
        case .beyondWindow: rejected.beyondWindow += 1
        case .corrupt: rejected.corrupt += 1
        case .impossible: rejected.impossible += 1
        }
        isWhole[message] = false
    }

    @inline(__always)
    private mutating func isOfStream(
        _ slot: UnsafeRawPointer, length: Int, isTruncated: Bool, message: Int, stream: Int,
        flow: Int
    ) -> Bool {
        let expected = streams[stream].payloadBytes
        if length != expected || isTruncated {
            if length < expected { rejected.short += 1 } else { rejected.truncated += 1 }
            return false
        }
        if expected >= 24, ProbeLayout.runID(slot) != runID {
            rejected.runId += 1
            return false
        }
        guard isPeer(message, of: flow) else {
            rejected.peer += 1
            return false
        }
        return true
    }

    /// A flow has one source address: that of its first datagram.
    @inline(__always)
    private mutating func isPeer(_ message: Int, of flow: Int) -> Bool {
        let peer = peers + flow * ReceiveBatch.addressBytes
        if !hasPeer[flow] {
            hasPeer[flow] = true
            incoming.remember(message, at: peer)
        }
        return incoming.isFrom(peer, message)
    }

    @inline(__always)
    private func sentNs(_ slot: UnsafeRawPointer) -> Int64 {
        ProbeLayout.sentNs(slot, anchorNs: anchorNs)
    }

    // MARK: - Answering

    /// Sends back every message of the batch that is to be answered, in order.
    private mutating func answer(_ kernel: inout Kernel, count: Int) {
        incoming.turnAround(count: count)
        var index = 0
        var waitedNs: Int64 = 0
        while index < count {
            guard answerFlow[index] >= 0, isWhole[index] else {
                if answerFlow[index] >= 0 { answerPieces(&kernel, message: index) }
                index += 1
                continue
            }
            var end = index + 1
            while end < count, answerFlow[end] >= 0, isWhole[end] { end += 1 }
            let result = kernel.sendBack(incoming, from: index, count: end - index)
            if result > 0 {
                for done in index..<(index + result) {
                    flows[Int(answerFlow[done])].echoed += Int(firstCopies[done])
                }
                index += result
                waitedNs = 0
            } else if result == -Int(EAGAIN), waitedNs < Self.answerPatienceNs {
                let before = clock.nowNs()
                kernel.waitWritable(timeoutNs: Self.answerPatienceNs)
                waitedNs += max(1, clock.nowNs() - before)
            } else if incoming.length(index) > incoming.segmentBytes(index) {
                // The super-packet was refused whole (EIO, EINVAL, EMSGSIZE): singly, then.
                answerPieces(&kernel, message: index)
                index += 1
            } else {
                flows[Int(answerFlow[index])].echoFailed += Int(firstCopies[index])
                index += 1
                waitedNs = 0
            }
        }
    }

    /// Answers a coalesced message datagram by datagram: those of a stream that is expected.
    private mutating func answerPieces(_ kernel: inout Kernel, message: Int) {
        let flow = Int(answerFlow[message])
        let first = UnsafeRawPointer(incoming.slot(message))
        let length = incoming.length(message)
        let bytes = incoming.segmentBytes(message)
        var unanswered = Int(firstCopies[message])
        for offset in stride(from: 0, to: length, by: bytes) {
            let size = min(bytes, length - offset)
            guard size == bytes, size >= ProbeLayout.minimumBytes,
                flowOfSession[Int(ProbeLayout.session(first + offset))] == Int32(flow)
            else { continue }
            let result = kernel.sendPiece(incoming, of: message, offset: offset, bytes: size)
            if result == 1, unanswered > 0 {
                flows[flow].echoed += 1
                unanswered -= 1
            }
        }
        flows[flow].echoFailed += unanswered
    }
}
