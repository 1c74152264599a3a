import Datagrams
import Glibc
import Loops

/// An interactive exchange of questions and answers, one datagram at a time.
///
/// The sockets are not connected, so that an answer from an address other than the target is
/// received and reported; and they have IP_RECVERR, so that a closed port is detected although they
/// are not connected (ip(7)).
///
/// After a question without an answer in time, the next question is sent from a fresh port, so that
/// a late answer is not mistaken for its own. A port chosen by the user is kept, and the answers
/// are matched by content, as far as possible: see `QuestionBook`.
package struct Exchange: ~Copyable {
    package enum Outcome: Sendable {
        case answered(Answer)
        /// The port is closed: an ICMP port unreachable was received.
        case closed
        case silent
        /// Answers arrived, each of which may belong to an earlier question.
        case unclear
        /// Another error of the network or this host about the datagram.
        case failed(SystemErrno)
        /// This host fails every receive call.
        case cannotReceive(HostFault)
        case interrupted
    }

    package struct Answer: Sendable {
        package enum Standing: Sendable, Equatable {
            /// An answer to the current question.
            case due
            /// An answer to a question that was no longer awaited.
            case late(number: Int)
            /// An answer to one of several questions of the same port.
            case unclear
            /// An answer to a question that had been answered. `isUnclear`: see
            /// `QuestionBook.Match`.
            case again(number: Int, isUnclear: Bool)
            case unasked
            /// An answer from an address other than the target.
            case elsewhere
        }

        package let octets: [UInt8]
        package let source: SocketAddress
        package let standing: Standing
        /// The round-trip time from before the call that sent the datagram; `nil` for unasked
        /// datagrams, and if the answered question is unknown.
        package let rttNs: Int64?
    }

    /// An event other than the awaited answer.
    package enum Aside: Sendable {
        case answer(Answer)
        /// An earlier question was not delivered.
        case failed(number: Int, SystemErrno)
        /// Further questions are sent from this port.
        case port(UInt16)
    }

    /// The interval at which a stop is noticed.
    private static let lookNs: Int64 = 50_000_000
    /// The maximum number of errors about earlier datagrams per datagram.
    private static let staleLimit = 64
    /// The maximum number of ports of unanswered questions that are kept open; beyond it the oldest
    /// is closed.
    private static let portsAtMost = 256
    /// The maximum number of datagrams taken from one port before the other ports, the clock and a
    /// stop are checked again.
    private static let takenAtMost = 64

    private let clock = LinuxClock()
    private let incoming = ReceiveBatch(
        slots: 1, slotBytes: ProbeLayout.maximumBytes + 1, withAddresses: true, withControl: false)
    private let errors = ErrorQueueReader()
    private var failures = ReceiveErrors()
    /// The reason why nothing can be received any more.
    package private(set) var fault: HostFault?
    private let isPortChosen: Bool
    package let target: SocketAddress
    /// The ports of earlier questions, the oldest first.
    private var left: [ExchangePort] = []
    private var current: ExchangePort

    /// The address from which questions are sent now.
    package var source: SocketAddress { current.address }
    /// The socket of the current port, for poll(2) together with other descriptors.
    package var descriptor: Int32 { current.descriptor }

    /// Opens an exchange.
    /// - Parameter port: The port to send from; 0 lets the system pick one.
    /// - Throws: If the port is not available.
    package init(target: SocketAddress, fromPort port: UInt16) throws(SystemFailure) {
        try MessageCalls.current.checkReceiving()
        current = try ExchangePort(toward: target, port: port)
        isPortChosen = port != 0
        self.target = target
    }

    /// Sends a datagram and waits for the answer.
    /// - Parameters:
    ///   - number: The number of the question in reports of a late answer.
    ///   - waitNs: The time to wait; with 0 the outcome is `silent`.
    ///   - onAside: Called for every event other than the answer.
    package mutating func ask(
        _ octets: [UInt8], number: Int = 0, waitNs: Int64, while isRunning: () -> Bool,
        onAside: (Aside) -> Void
    ) -> Outcome {
        if waitNs > 0 { takeFreshPort(onAside) }
        var stale = 0
        // Read before the call: on loopback the answer may have arrived when the call returns.
        var sentNs = clock.nowNs()
        while let errno = current.socket.send(octets, to: target) {
            // An error about an earlier datagram fails this call, and nothing is sent.
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
            // The time is read before the sockets, so that arrivals by the deadline are seen.
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

    /// Returns an arrival that was unasked or late; `nil` if there is none.
    package mutating func waiting() -> Aside? {
        for port in left + [current] {
            if let (answer, _) = take(port, awaiting: nil) { return .answer(answer) }
        }
        for port in left {
            if let error = nextError(port) { return .failed(number: error.number, error.errno) }
        }
        return nil
    }

    /// Whether an ICMP error about an earlier datagram has arrived since the last check: its port
    /// is closed.
    package mutating func foundClosed() -> Bool {
        for _ in 0..<Self.takenAtMost {
            guard let entry = errors.next(on: current.descriptor) else { break }
            if entry.isICMP, entry.errno == .connectionRefused { return true }
        }
        return false
    }

    // MARK: - Ports

    /// Leaves a port whose questions may still be answered. Without a further descriptor the
    /// current port is kept, and answers are matched by content.
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

    /// Receives an answer.
    /// - Returns: The answer, and the question that is certainly answered now, even if it is
    ///   unclear which answer that is.
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

    /// Returns the next error about an open question of this port. The kernel keeps the head of the
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

/// A port of an exchange, and the questions sent from it.
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
