import Datagrams
import Glibc

/// A question and its answer, for people: one socket, one datagram at a time.
///
/// The socket is not connected, so that an answer from another address than the one that was asked
/// is seen and can be told; and it has IP_RECVERR, so that a closed port is seen although it is not
/// connected (ip(7)).
package struct Exchange: ~Copyable {
    package enum Outcome: Sendable {
        case answered(Answer)
        /// The port is closed: an ICMP port unreachable came back.
        case closed
        case silent
        /// What else the network or this host says of the datagram.
        case failed(SystemErrno)
        /// This host fails every receive call.
        case cannotReceive(HostFault)
        case interrupted
    }

    package struct Answer: Sendable {
        package let octets: [UInt8]
        package let source: SocketAddress
        /// From before the call that sent the datagram; `nil` for what came unasked.
        package let rttNs: Int64?
    }

    /// How soon a stop is noticed.
    private static let lookNs: Int64 = 50_000_000
    /// Errors about earlier datagrams that one datagram may meet.
    private static let staleLimit = 64

    private let socket: DatagramSocket
    private let clock = LinuxClock()
    private let incoming = ReceiveBatch(
        slots: 1, slotBytes: ProbeLayout.maximumBytes + 1, withAddresses: true, withControl: false)
    private let errors = ErrorQueueReader()
    private var failures = ReceiveErrors()
    /// Why nothing can be received any more.
    package private(set) var fault: HostFault?
    package let target: SocketAddress
    package let source: SocketAddress

    /// - Parameter port: The port to send from; 0 lets the system pick one.
    /// - Throws: When the port cannot be had.
    package init(target: SocketAddress, fromPort port: UInt16) throws(SystemFailure) {
        try MessageCalls.current.checkReceiving()
        let socket = try DatagramSocket(family: target.family)
        let any = [UInt8](repeating: 0, count: target.octets.count)
        if let errno = socket.reportErrors() {
            throw SystemFailure("IP_RECVERR", "", errno)
        }
        if let address = SocketAddress(octets: any, port: port) { try socket.bind(to: address) }
        source = try socket.localAddress()
        self.target = target
        self.socket = socket
    }

    /// Sends a datagram and waits for the answer.
    /// - Parameters:
    ///   - waitNs: How long; 0 not at all, and the outcome is `silent`.
    ///   - onOther: Called for an answer from elsewhere, which is not taken for the answer.
    package mutating func ask(
        _ octets: [UInt8], waitNs: Int64, while isRunning: () -> Bool, onOther: (Answer) -> Void
    ) -> Outcome {
        var stale = 0
        // Before the call: on loopback the answer may be there when it returns.
        var sentNs = clock.nowNs()
        while let errno = socket.send(octets, to: target) {
            // An error about an earlier datagram fails this call, and nothing leaves.
            let isStale = errors.next(on: socket.descriptor)?.isICMP == true
            guard isStale || errno == .tryAgain, stale < Self.staleLimit else {
                return .failed(errno)
            }
            stale += 1
            if errno == .tryAgain { wait(untilNs: clock.nowNs() + Self.lookNs, for: POLLOUT) }
            guard isRunning() else { return .interrupted }
            sentNs = clock.nowNs()
        }
        guard waitNs > 0 else { return .silent }
        let untilNs = sentNs + waitNs
        while isRunning() {
            while let answer = take(sentNs: sentNs) {
                if answer.source == target { return .answered(answer) }
                onOther(answer)
            }
            if let fault { return .cannotReceive(fault) }
            while let entry = errors.next(on: socket.descriptor) {
                // One about another datagram is told by its length and its head.
                guard isAbout(entry.payload, octets) else { continue }
                return entry.errno == .connectionRefused ? .closed : .failed(entry.errno)
            }
            guard clock.nowNs() < untilNs else { return .silent }
            wait(untilNs: min(untilNs, clock.nowNs() + Self.lookNs), for: POLLIN)
        }
        return .interrupted
    }

    /// What has come in by now, unasked or too late.
    package mutating func waiting() -> Answer? { take(sentNs: nil) }

    /// Whether a datagram that was sent before has come back since the last look: its port is
    /// closed.
    package mutating func foundClosed() -> Bool {
        var isClosed = false
        while let entry = errors.next(on: socket.descriptor) {
            if entry.isICMP, entry.errno == .connectionRefused { isClosed = true }
        }
        return isClosed
    }

    /// For poll(2) beside other descriptors.
    package var descriptor: Int32 { socket.descriptor }

    private mutating func take(sentNs: Int64?) -> Answer? {
        let count = incoming.receive(on: socket.descriptor, count: 1, wait: false)
        if count < 0, count != -Int(EAGAIN) {
            let errno = SystemErrno(rawValue: Int32(-count))
            if failures.add(errno) {
                fault = .cannotReceive(call: incoming.receiveCall, errno)
            }
            return nil
        }
        failures.worked()
        guard count == 1, let source = incoming.source(0) else { return nil }
        let now = clock.nowNs()
        return Answer(
            octets: Array(
                UnsafeRawBufferPointer(start: incoming.slot(0), count: incoming.length(0))),
            source: source, rttNs: sentNs.map { now - $0 })
    }

    /// The kernel keeps the head of the datagram, here at most 64 octets of it.
    private func isAbout(_ head: UnsafeRawBufferPointer, _ octets: [UInt8]) -> Bool {
        head.count <= octets.count && octets.prefix(head.count).elementsEqual(head)
    }

    private func wait(untilNs: Int64, for events: Int32) {
        var entry = pollfd(fd: socket.descriptor, events: Int16(events), revents: 0)
        let leftMs = max(1, (untilNs - clock.nowNs() + 999_999) / 1_000_000)
        // A wait that fails must not become a busy loop.
        if poll(&entry, 1, Int32(leftMs)) < 0 { DataThread.sleep(ns: ReceiveErrors.restNs) }
    }
}
