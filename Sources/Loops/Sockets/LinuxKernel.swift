import Datagrams
import Glibc
import Load
import Metrics

/// The real kernel of a sender: one socket per flow, connected and with IP_RECVERR unless the plan
/// selects another kind.
package struct LinuxKernel: DatagramKernel, ~Copyable {
    private let sockets: CheckedMemory<DatagramSocket>
    private let flows: Int
    /// The Unix socket that the flows are connected to; nil for other targets.
    private let unixTarget: SocketAddress?
    /// Whether a Unix socket has refused a datagram since the last `nextError`.
    private var isRefused = false
    private let readiness: Readiness
    private var errors = ErrorQueueReader()
    private var onlyFlowMayBeReady = false
    /// Whether resets, and a full local queue, are reported: IP_RECVERR on all sockets.
    package let hasErrorQueue: Bool

    /// The requested size of a socket buffer: the maximum that the queue of a loaded flow can need.
    package static let bufferBytesAsked = 4 << 20

    /// Opens the sockets of flows with one target.
    /// - Throws: If a socket is not available, or `target` cannot be reached.
    package init(
        flows: Int, target: SocketAddress, options: SocketFeatures = SocketFeatures(),
        kind: SocketKind = .connected
    ) throws(SystemFailure) {
        try self.init(
            targets: Array(repeating: target, count: flows), options: options, kind: kind)
    }

    /// Opens the sockets.
    /// - Parameters:
    ///   - targets: The target of each flow, all of one family.
    ///   - source: The address from which all send; nil leaves it to the kernel's routes.
    ///   - how: The plan's options of the sockets.
    ///   - firstFlow: The number of the first flow among all of the sender.
    /// - Throws: If a socket is not available, an option is refused, or a target cannot be reached.
    package init(
        targets: [SocketAddress], options: SocketFeatures, kind: SocketKind,
        from source: SocketAddress? = nil, how: SendOptions = SendOptions(), firstFlow: Int = 0
    ) throws(SystemFailure) {
        let readiness = try Readiness()
        var hasErrorQueue = kind.seesResets && targets.first?.family != .unix
        sockets = try LinuxKernel.open(
            kind, targets: targets, from: source, options, readiness, how, firstFlow,
            &hasErrorQueue)
        self.hasErrorQueue = hasErrorQueue
        self.readiness = readiness
        flows = targets.count
        unixTarget = targets.first.flatMap { $0.family == .unix ? $0 : nil }
    }

    private static func open(
        _ kind: SocketKind, targets: [SocketAddress], from given: SocketAddress?,
        _ features: SocketFeatures, _ readiness: borrowing Readiness, _ how: SendOptions,
        _ firstFlow: Int, _ hasErrorQueue: inout Bool
    ) throws(SystemFailure) -> CheckedMemory<DatagramSocket> {
        let flows = targets.count
        var source = given
        if source == nil, kind != .connected, let first = targets.first {
            source = try Self.source(towards: first, how)
        }
        let sockets = CheckedMemory<DatagramSocket>.allocate(capacity: flows)
        var opened = 0
        var port = (how.sourcePorts?.lowerBound ?? 0) + firstFlow
        do throws(SystemFailure) {
            while opened < flows {
                let target = targets[opened]
                let socket = try DatagramSocket(family: target.family)
                _ = socket.askReceiveBuffer(bytes: bufferBytesAsked)
                _ = socket.askSendBuffer(bytes: how.sendBufferBytes ?? bufferBytesAsked)
                try how.apply(to: socket, towards: target)
                if hasErrorQueue, socket.reportErrors() != nil { hasErrorQueue = false }
                let own = target.isGroup ? SendOptions.groupSource : source
                try how.bind(socket, given: own, port: &port)
                if kind == .connected { try socket.connect(to: target) }
                try readiness.add(socket.descriptor, token: opened)
                features.apply(to: socket)
                (sockets + opened).initialize(to: socket)
                opened += 1
            }
        } catch {
            sockets.deinitialize(count: opened)
            sockets.deallocate()
            throw error
        }
        return sockets
    }

    deinit {
        sockets.deinitialize(count: flows)
        sockets.deallocate()
    }

    /// Returns this host's address towards `target`, with a port picked by the kernel, as
    /// connect(2) determines it for connected sockets.
    private static func source(
        towards target: SocketAddress, _ how: SendOptions
    ) throws(SystemFailure) -> SocketAddress {
        let scout = try DatagramSocket(family: target.family)
        try how.apply(to: scout, towards: target)
        try scout.connect(to: target)
        return try scout.localAddress().with(port: 0)
    }

    /// Returns the source address of each flow.
    package func localAddresses() throws(SystemFailure) -> [SocketAddress] {
        var addresses: [SocketAddress] = []
        for flow in 0..<flows { addresses.append(try sockets[flow].localAddress()) }
        return addresses
    }

    package var receiveBufferGranted: Int? { sockets[0].get(.receiveBuffer) }
    /// Requests another size of the receive buffer for each flow, larger or smaller.
    /// - Returns: The size that the kernel reports for flow 0.
    package func askReceiveBuffers(bytes: Int) -> Int? {
        for flow in 0..<flows { _ = sockets[flow].askReceiveBuffer(bytes: bytes) }
        return receiveBufferGranted
    }

    package var sendBufferGranted: Int? { sockets[0].get(.sendBuffer) }

    @inline(__always)
    package mutating func send(
        flow: Int, _ batch: borrowing SendBatch, from: Int, count: Int
    ) -> Int {
        let taken = batch.send(on: sockets[flow].descriptor, from: from, count: count)
        return taken >= 0 || unixTarget == nil
            ? taken : sendAgain(flow: flow, batch, from, count, after: taken)
    }

    /// Sends from a flow that the end of its server has disconnected (unix_dgram_sendmsg): to the
    /// server that has the name now. Without one nothing is sent, and the flow is refused, as by a
    /// closed port.
    private mutating func sendAgain(
        flow: Int, _ batch: borrowing SendBatch, _ from: Int, _ count: Int, after failure: Int
    ) -> Int {
        var result = failure
        if result == -Int(ENOTCONN), let unixTarget {
            let descriptor = sockets[flow].descriptor
            let isBack = unixTarget.withRaw { Glibc.connect(descriptor, $0, $1) == 0 }
            result =
                isBack ? batch.send(on: descriptor, from: from, count: count) : -Int(ECONNREFUSED)
        }
        isRefused = isRefused || result == -Int(ECONNREFUSED)
        return result
    }

    @inline(__always)
    package mutating func receive(flow: Int, _ batch: borrowing ReceiveBatch) -> Int {
        batch.receive(on: sockets[flow].descriptor, count: batch.slots, wait: false)
    }

    @inline(__always)
    package mutating func wait(timeoutNs: Int64) -> Int {
        // With one flow, reading its queue costs no more than a wait for readiness.
        onlyFlowMayBeReady = flows == 1 && timeoutNs <= 0
        return onlyFlowMayBeReady ? 1 : readiness.wait(timeoutNs: timeoutNs)
    }

    @inline(__always)
    package mutating func readyFlow(_ index: Int) -> Int {
        onlyFlowMayBeReady ? 0 : readiness.token(index)
    }

    @inline(__always)
    package mutating func readyHasError(_ index: Int) -> Bool {
        onlyFlowMayBeReady ? false : readiness.hasError(index)
    }

    package mutating func waitWritable(flow: Int, timeoutNs: Int64) {
        var entry = pollfd(
            fd: sockets[flow].descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&entry, 1, Int32(max(1, timeoutNs / 1_000_000)))
    }

    package mutating func nextError(flow: Int) -> KernelError? {
        // Of a socket that has none, the call would take a datagram (unix_dgram_recvmsg).
        guard !hasErrorQueue else { return errors.nextError(on: sockets[flow].descriptor) }
        defer { isRefused = false }
        // A refusal by a Unix socket is of the datagram that is being sent.
        return isRefused
            ? KernelError(errno: .connectionRefused, isICMP: true, session: 0) : nil
    }

    package mutating func abandonSegments() {
        for flow in 0..<flows { _ = sockets[flow].set(.segment, to: 0) }
    }

    package mutating func drops(flow: Int) -> Int? { sockets[flow].receiveDrops() }
}
