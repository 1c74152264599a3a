import Datagrams
import Glibc
import Load

/// The kernel of the responder loop.
package protocol ResponderKernel: ~Copyable {
    /// Receives, and waits for the first datagram for at most the socket's timeout. Returns the
    /// number of messages received, or -errno.
    mutating func receive(_ batch: borrowing ReceiveBatch) -> Int
    /// Receives, and waits for the first datagram for at most `waitNs`.
    mutating func receive(_ batch: borrowing ReceiveBatch, waitNs: Int64) -> Int
    /// Sends turned-around messages. Returns the number of messages accepted, or -errno.
    mutating func sendBack(_ batch: borrowing ReceiveBatch, from: Int, count: Int) -> Int
    /// Sends back a part of one message as a datagram of its own. Returns 1 or -errno.
    mutating func sendPiece(
        _ batch: borrowing ReceiveBatch, of index: Int, offset: Int, bytes: Int
    ) -> Int
    /// Sends gathered messages. Returns the number of messages accepted, or -errno.
    mutating func send(_ outbox: borrowing Outbox, from: Int, count: Int) -> Int
    /// Sends with this traffic class from now on. Whether the socket takes one is tried before.
    mutating func mark(_ trafficClass: UInt8)
    /// Waits until the socket is writable, at most `timeoutNs`.
    mutating func waitWritable(timeoutNs: Int64)
    /// Returns the datagrams dropped by the full receive buffer so far; `nil` if the kernel does
    /// not report drops.
    mutating func drops() -> Int?
    /// Reads an entry of the error queue; `nil` if it is empty.
    mutating func nextError() -> KernelError?
    /// Whether the error queue may have had no space for an entry.
    mutating func errorQueueIsFull() -> Bool
    /// Sleeps; a signal may end the sleep earlier.
    mutating func sleep(ns: Int64)
    /// Closes the port: datagrams that arrive later are refused.
    mutating func closePort()
    /// Opens the port again at the same address.
    /// - Returns: The error; nil on success.
    mutating func openPort() -> String?
}

extension ResponderKernel where Self: ~Copyable {
    package mutating func sendPiece(
        _ batch: borrowing ReceiveBatch, of index: Int, offset: Int, bytes: Int
    ) -> Int { -Int(EOPNOTSUPP) }

    package mutating func send(_ outbox: borrowing Outbox, from: Int, count: Int) -> Int {
        -Int(EOPNOTSUPP)
    }

    package mutating func receive(_ batch: borrowing ReceiveBatch, waitNs: Int64) -> Int {
        receive(batch)
    }

    package mutating func mark(_ trafficClass: UInt8) {}
    package mutating func nextError() -> KernelError? { nil }
    package mutating func errorQueueIsFull() -> Bool { false }
    package mutating func closePort() {}
    package mutating func openPort() -> String? { nil }
}

/// The single socket of a responder.
package struct LinuxResponderKernel: ResponderKernel, ~Copyable {
    /// The receive timeout, which bounds the time until a stop is noticed.
    static let receiveTimeoutNs: Int64 = 50_000_000

    package private(set) var socket: DatagramSocket
    private var errors = ErrorQueueReader()
    private var dropsAtClose: Int? = 0
    /// The traffic class with which the socket sends.
    private var trafficClass: UInt8 = 0
    /// Whether SO_RCVTIMEO was refused, so that each receive is a poll(2) and a read.
    private var waitsByPoll = false
    package let address: SocketAddress
    private let manner: Manner
    package let receiveBufferAsked: Int
    package let receiveBufferGranted: Int?

    /// The parameters with which the socket is opened, each time.
    private struct Manner {
        let receiveBufferAsked: Int
        let features: SocketFeatures
        let sharesPort: Bool
        let kind: SocketKind
    }

    private init(
        socket: consuming DatagramSocket, address: SocketAddress, manner: Manner, granted: Int?
    ) {
        self.socket = socket
        self.address = address
        self.manner = manner
        receiveBufferAsked = manner.receiveBufferAsked
        receiveBufferGranted = granted
    }

    /// Opens the kernel's socket.
    /// - Throws: If `address` cannot be bound: in use, not this host's, not permitted.
    package static func open(
        at address: SocketAddress, receiveBufferAsked asked: Int,
        features: SocketFeatures = SocketFeatures(), sharesPort: Bool = false,
        kind: SocketKind = .unconnected
    ) throws(SystemFailure) -> LinuxResponderKernel {
        precondition(kind != .connected, "a responder answers more than one peer")
        let manner = Manner(
            receiveBufferAsked: asked, features: features, sharesPort: sharesPort, kind: kind)
        try MessageCalls.current.checkReceiving()
        var granted: Int?
        var waitsByPoll = false
        let socket = try bound(to: address, manner, &granted, &waitsByPoll)
        let bound = try socket.localAddress()
        var kernel = LinuxResponderKernel(
            socket: socket, address: bound, manner: manner, granted: granted)
        kernel.waitsByPoll = waitsByPoll
        return kernel
    }

    private static func bound(
        to address: SocketAddress, _ manner: Manner, _ granted: inout Int?,
        _ waitsByPoll: inout Bool
    ) throws(SystemFailure) -> DatagramSocket {
        let socket = try DatagramSocket(family: address.family)
        manner.features.apply(to: socket)
        if manner.kind == .unconnectedRecverr, let errno = socket.reportErrors() {
            throw SystemFailure("IP_RECVERR", "\(address)", errno)
        }
        if manner.sharesPort, let errno = socket.set(.reusePort, to: 1) {
            throw SystemFailure("SO_REUSEPORT", "\(address)", errno)
        }
        granted = socket.askReceiveBuffer(bytes: manner.receiveBufferAsked)
        _ = socket.askSendBuffer(bytes: LinuxKernel.bufferBytesAsked)
        waitsByPoll = socket.setReceiveTimeout(ns: receiveTimeoutNs) != nil
        try socket.bind(to: address)
        return socket
    }

    /// Joins the multicast group that the socket is bound to.
    /// - Parameter interface: The number of the interface; 0 for the kernel's choice.
    package borrowing func join(on interface: UInt32) throws(SystemFailure) {
        guard let errno = socket.join(address, on: interface) else { return }
        let advice =
            errno == .noDevice
            ? "no interface has a route to the group: name one with --interface" : ""
        throw SystemFailure("cannot join", "the group \(address.host)", errno, advice: advice)
    }

    @inline(__always)
    package mutating func receive(_ batch: borrowing ReceiveBatch) -> Int {
        guard !waitsByPoll else { return receiveByPoll(batch) }
        return batch.receive(on: socket.descriptor, count: batch.slots, wait: true)
    }

    private func receiveByPoll(_ batch: borrowing ReceiveBatch) -> Int {
        receive(batch, waitNs: Self.receiveTimeoutNs)
    }

    package func receive(_ batch: borrowing ReceiveBatch, waitNs: Int64) -> Int {
        if waitNs > 0, let errno = socket.waitReadable(timeoutNs: waitNs) {
            return -Int(errno.rawValue)
        }
        return batch.receive(on: socket.descriptor, count: batch.slots, wait: false)
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

    @inline(__always)
    package mutating func send(_ outbox: borrowing Outbox, from: Int, count: Int) -> Int {
        outbox.send(on: socket.descriptor, from: from, count: count)
    }

    @inline(__always)
    package mutating func mark(_ trafficClass: UInt8) {
        guard trafficClass != self.trafficClass else { return }
        if socket.setTrafficClass(trafficClass) == nil { self.trafficClass = trafficClass }
    }

    package mutating func waitWritable(timeoutNs: Int64) {
        var entry = pollfd(fd: socket.descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&entry, 1, Int32(max(1, timeoutNs / 1_000_000)))
    }

    package mutating func drops() -> Int? {
        guard let dropsAtClose, socket.descriptor >= 0 else { return self.dropsAtClose }
        return socket.receiveDrops().map { dropsAtClose + $0 }
    }

    package mutating func nextError() -> KernelError? {
        // Of a Unix socket, which has none, the call would take a datagram.
        address.family == .unix ? nil : errors.nextError(on: socket.descriptor)
    }

    package mutating func errorQueueIsFull() -> Bool {
        // A queue of unknown size may have been full: a false overflow is better than a false loss.
        socket.receiveRoomBytes().map { $0 < Self.errorEntryBytes } ?? true
    }

    package mutating func sleep(ns: Int64) { DataThread.sleep(ns: ns) }

    package mutating func closePort() {
        dropsAtClose = drops()
        socket.closeNow()
    }

    package mutating func openPort() -> String? {
        var granted: Int?
        do {
            socket = try Self.bound(to: address, manner, &granted, &waitsByPoll)
            trafficClass = 0
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// Receives for a server that has no other work: a failed call is counted, and followed by a
    /// pause.
    /// - Parameter leavingEntries: Whether the caller reads the error queue after each call.
    /// - Returns: The number of messages received, 0 for none, or -ECONNREFUSED.
    /// - Throws: If the call fails permanently.
    package mutating func receive(
        _ batch: borrowing ReceiveBatch, counting receiveErrors: inout ReceiveErrors,
        leavingEntries: Bool = false
    ) throws(HostFault) -> Int {
        let count = receive(batch)
        guard count < 0, count != -Int(EAGAIN) else {
            receiveErrors.worked()
            return max(0, count)
        }
        let errno = SystemErrno(rawValue: Int32(-count))
        if errno == .connectionRefused { return count }
        let isOfDatagram = !leavingEntries && errors.next(on: socket.descriptor) != nil
        if receiveErrors.add(errno, isOfDatagram: isOfDatagram) {
            throw .cannotReceive(call: batch.receiveCall, errno)
        }
        if !isOfDatagram { sleep(ns: ReceiveErrors.restNs) }
        return 0
    }

    /// The maximum space of an error-queue entry in the receive buffer: an ICMP error has no more
    /// than 576 bytes (RFC 1812 §4.3.2.3), and 255 short ones filled the 212,992 B of the default
    /// buffer.
    static let errorEntryBytes = 2_304
}
