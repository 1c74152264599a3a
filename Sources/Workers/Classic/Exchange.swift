import Datagrams
import Glibc

/// A question and its answer, for people: one datagram at a time.
///
/// The sockets are not connected, so that an answer from another address than the one that was
/// asked is seen and can be told; and they have IP_RECVERR, so that a closed port is seen although
/// they are not connected (ip(7)).
///
/// A question that was not answered in time leaves its port behind: the next one leaves from a
/// fresh port, so that a late answer is not taken for its own. A port that the user chose stays,
/// and then the content decides, as far as it can: see `QuestionBook`.
package struct Exchange: ~Copyable {
    package enum Outcome: Sendable {
        case answered(Answer)
        /// The port is closed: an ICMP port unreachable came back.
        case closed
        case silent
        /// Answers came, and each may be to an earlier question.
        case unclear
        /// What else the network or this host says of the datagram.
        case failed(SystemErrno)
        /// This host fails every receive call.
        case cannotReceive(HostFault)
        case interrupted
    }

    package struct Answer: Sendable {
        package enum Standing: Sendable, Equatable {
            /// To the question that is being asked.
            case due
            /// To a question that was no longer awaited.
            case late(number: Int)
            /// To one of several questions of the same port.
            case unclear
            /// To a question that had been answered. `isUnclear`: see `QuestionBook.Match`.
            case again(number: Int, isUnclear: Bool)
            case unasked
            /// From another address than the one that was asked.
            case elsewhere
        }

        package let octets: [UInt8]
        package let source: SocketAddress
        package let standing: Standing
        /// From before the call that sent the datagram; `nil` for what came unasked, and where it
        /// is unknown which question was answered.
        package let rttNs: Int64?
    }

    /// What comes beside the answer that is awaited.
    package enum Aside: Sendable {
        case answer(Answer)
        /// An earlier question did not arrive.
        case failed(number: Int, SystemErrno)
        /// Questions leave from this port now.
        case port(UInt16)
    }

    /// How soon a stop is noticed.
    private static let lookNs: Int64 = 50_000_000
    /// Errors about earlier datagrams that one datagram may meet.
    private static let staleLimit = 64
    /// Ports of unanswered questions that are kept open; the oldest is given up beyond.
    private static let portsAtMost = 256
    /// Datagrams that are taken from one port before the others, the clock and a stop are looked
    /// at again.
    private static let takenAtMost = 64

    private let clock = LinuxClock()
    private let incoming = ReceiveBatch(
        slots: 1, slotBytes: ProbeLayout.maximumBytes + 1, withAddresses: true, withControl: false)
    private let errors = ErrorQueueReader()
    private var failures = ReceiveErrors()
    /// Why nothing can be received any more.
    package private(set) var fault: HostFault?
    private let isPortChosen: Bool
    package let target: SocketAddress
    /// Ports of earlier questions, the oldest first.
    private var left: [ExchangePort] = []
    private var current: ExchangePort

    /// Where questions leave from now.
    package var source: SocketAddress { current.address }
    /// The socket of the present port, for poll(2) beside other descriptors.
    package var descriptor: Int32 { current.descriptor }

    /// - Parameter port: The port to send from; 0 lets the system pick one.
    /// - Throws: When the port cannot be had.
    package init(target: SocketAddress, fromPort port: UInt16) throws(SystemFailure) {
        try MessageCalls.current.checkReceiving()
        current = try ExchangePort(toward: target, port: port)
        isPortChosen = port != 0
        self.target = target
    }

    /// Sends a datagram and waits for the answer.
    /// - Parameters:
    ///   - number: What the question is called when its answer comes late.
    ///   - waitNs: How long; 0 not at all, and the outcome is `silent`.
    ///   - onAside: Called for what comes and is not the answer.
    package mutating func ask(
        _ octets: [UInt8], number: Int = 0, waitNs: Int64, while isRunning: () -> Bool,
        onAside: (Aside) -> Void
    ) -> Outcome {
        if waitNs > 0 { takeFreshPort(onAside) }
        var stale = 0
        // Before the call: on loopback the answer may be there when it returns.
        var sentNs = clock.nowNs()
        while let errno = current.socket.send(octets, to: target) {
            // An error about an earlier datagram fails this call, and nothing leaves.
            let isStale = errors.next(on: current.descriptor)?.isICMP == true
            guard isStale || errno == .tryAgain, stale < Self.staleLimit else {
                return .failed(errno)
            }
            stale += 1
            if errno == .tryAgain { wait(untilNs: clock.nowNs() + Self.lookNs, for: POLLOUT) }
            guard isRunning() else { return .interrupted }
            sentNs = clock.nowNs()
        }
        current.book.ask(octets, number: number, sentNs: sentNs)
        guard waitNs > 0 else { return .silent }
        return awaitAnswer(
            to: number, untilNs: sentNs + waitNs, while: isRunning, onAside: onAside)
    }

    private mutating func awaitAnswer(
        to number: Int, untilNs: Int64, while isRunning: () -> Bool, onAside: (Aside) -> Void
    ) -> Outcome {
        var isUnclear = false
        while isRunning() {
            // Read before the sockets: what had come by the deadline is there.
            let isOver = clock.nowNs() >= untilNs
            for port in left where isRunning() { lookAside(port, while: isRunning, onAside) }
            for _ in 0..<Self.takenAtMost where isRunning() {
                guard let (answer, completed) = take(current, awaiting: number) else { break }
                if answer.standing == .due || completed == number { return .answered(answer) }
                if answer.standing == .unclear { isUnclear = true }
                onAside(.answer(answer))
            }
            if let fault { return .cannotReceive(fault) }
            for _ in 0..<Self.takenAtMost {
                guard let error = nextError(current) else { break }
                if error.number == number {
                    return error.errno == .connectionRefused ? .closed : .failed(error.errno)
                }
                onAside(.failed(number: error.number, error.errno))
            }
            if isOver { return isUnclear ? .unclear : .silent }
            wait(untilNs: min(untilNs, clock.nowNs() + Self.lookNs), for: POLLIN)
        }
        return .interrupted
    }

    /// What has come in by now, unasked or too late; `nil` when there is nothing.
    package mutating func waiting() -> Aside? {
        for port in left + [current] {
            if let (answer, _) = take(port, awaiting: nil) { return .answer(answer) }
        }
        for port in left {
            if let error = nextError(port) { return .failed(number: error.number, error.errno) }
        }
        return nil
    }

    /// Whether a datagram that was sent before has come back since the last look: its port is
    /// closed.
    package mutating func foundClosed() -> Bool {
        for _ in 0..<Self.takenAtMost {
            guard let entry = errors.next(on: current.descriptor) else { break }
            if entry.isICMP, entry.errno == .connectionRefused { return true }
        }
        return false
    }

    // MARK: - Ports

    /// Leaves a port to whose questions an answer may still come. Without a further descriptor the
    /// present port stays, and the content has to decide.
    private mutating func takeFreshPort(_ onAside: (Aside) -> Void) {
        guard !isPortChosen, !current.book.isClear,
            let fresh = try? ExchangePort(toward: target, port: 0)
        else { return }
        left.append(current)
        if left.count > Self.portsAtMost {
            left.remove(at: left.firstIndex { !$0.book.isOpen } ?? 0)
        }
        current = fresh
        onAside(.port(fresh.address.port))
    }

    private mutating func lookAside(
        _ port: ExchangePort, while isRunning: () -> Bool, _ onAside: (Aside) -> Void
    ) {
        for _ in 0..<Self.takenAtMost where isRunning() {
            guard let (answer, _) = take(port, awaiting: nil) else { break }
            onAside(.answer(answer))
        }
        for _ in 0..<Self.takenAtMost {
            guard let error = nextError(port) else { break }
            onAside(.failed(number: error.number, error.errno))
        }
    }

    /// - Returns: Also the question that certainly has its answer now, if it is not clear which
    ///   answer that is.
    private mutating func take(
        _ port: ExchangePort, awaiting number: Int?
    ) -> (answer: Answer, completed: Int?)? {
        let count = incoming.receive(on: port.descriptor, count: 1, wait: false)
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
        let octets = Array(
            UnsafeRawBufferPointer(start: incoming.slot(0), count: incoming.length(0)))
        func answer(_ standing: Answer.Standing, rttNs: Int64? = nil) -> Answer {
            Answer(octets: octets, source: source, standing: standing, rttNs: rttNs)
        }
        guard source == target else { return (answer(.elsewhere), nil) }
        switch port.book.match(octets) {
        case .answer(let theirs, let sentNs):
            let standing: Answer.Standing = theirs == number ? .due : .late(number: theirs)
            return (answer(standing, rttNs: now - sentNs), nil)
        case .oneOfSeveral(let completed): return (answer(.unclear), completed)
        case .again(let theirs, let isUnclear):
            return (answer(.again(number: theirs, isUnclear: isUnclear)), nil)
        case .unasked: return (answer(.unasked), nil)
        }
    }

    /// The next error that is about an open question of this port. The kernel keeps the head of the
    /// datagram, here at most 64 bytes of it.
    private func nextError(_ port: ExchangePort) -> (number: Int, errno: SystemErrno)? {
        for _ in 0..<Self.takenAtMost {
            guard let entry = errors.next(on: port.descriptor) else { return nil }
            if let number = port.book.refuse(head: entry.payload) { return (number, entry.errno) }
        }
        return nil
    }

    private func wait(untilNs: Int64, for events: Int32) {
        var entries = [pollfd(fd: current.descriptor, events: Int16(events), revents: 0)]
        if events == POLLIN {
            entries += left.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        }
        let leftMs = max(1, (untilNs - clock.nowNs() + 999_999) / 1_000_000)
        // A wait that fails must not become a busy loop.
        if poll(&entries, nfds_t(entries.count), Int32(leftMs)) < 0 {
            DataThread.sleep(ns: ReceiveErrors.restNs)
        }
    }
}

/// One port of an exchange, and the questions that left from it.
private final class ExchangePort {
    let socket: DatagramSocket
    let address: SocketAddress
    var book = QuestionBook()

    var descriptor: Int32 { socket.descriptor }

    init(toward target: SocketAddress, port: UInt16) throws(SystemFailure) {
        let socket = try DatagramSocket(family: target.family)
        let any = [UInt8](repeating: 0, count: target.octets.count)
        if let errno = socket.reportErrors() {
            throw SystemFailure("IP_RECVERR", "", errno)
        }
        if let address = SocketAddress(octets: any, port: port) { try socket.bind(to: address) }
        address = try socket.localAddress()
        self.socket = socket
    }
}
