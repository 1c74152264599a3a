import Datagrams
import Glibc
import Load
import Loops
import Terminal

/// Probes a program for readiness. Each question has unique content, so that an answer to it cannot
/// be one to a question of an earlier user of the port.
final class ReadinessAsker {
    private let socket: DatagramSocket
    private let address: SocketAddress
    private var book = QuestionBook()
    private var number = 0
    private let token = UInt32.random(in: 1...UInt32.max)
    private var room = [UInt8](repeating: 0, count: 1 << 16)
    private var hasAsked = false
    private var sendErrno: SystemErrno?
    private var receiveErrno: SystemErrno?
    /// The request of the plan, in place of a question of its own.
    private let request: RequestDefinition?
    private let content: RequestContent?

    /// - Parameter request: The request of the plan; nil for a program that echoes.
    init(_ address: SocketAddress, question request: RequestDefinition?) throws(SystemFailure) {
        self.request = request
        content = request.map {
            RequestContent(
                $0, flows: 1, runID: UInt64.random(in: 1...UInt64.max),
                anchorNs: WallTime.anchorNs())
        }
        let socket = try DatagramSocket(family: address.family)
        try socket.connect(to: address)
        self.socket = socket
        self.address = address
    }

    deinit { content?.deallocate() }

    /// The content of a question, as long as a probe, so that an echo server of any kind returns
    /// it, and printable, so that a server that reads text accepts it: eight hexadecimal digits of
    /// the token, eight of the number.
    private var question: [UInt8] {
        if let request, let content {
            return [UInt8](unsafeUninitializedCapacity: request.bytesMost) { room, count in
                guard let start = room.baseAddress else { return }
                count = content.write(
                    UnsafeMutableRawPointer(start), flow: 0,
                    number: UInt64(truncatingIfNeeded: number), stampNs: LinuxClock().nowNs())
            }
        }
        return Array((hexadecimal(token) + hexadecimal(UInt32(truncatingIfNeeded: number))).utf8)
    }

    private func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    func ask() {
        // A service that answers nothing is ready as soon as it listens: what would be sent before
        // is a message in its log.
        guard request?.isOneWay != true else {
            hasAsked = true
            return
        }
        number += 1
        let octets = question
        // A reset of an earlier question fails this one; the next follows soon.
        if let errno = socket.send(octets, to: address) {
            sendErrno = Self.ofHost(errno.rawValue) ?? sendErrno
            return
        }
        hasAsked = true
        book.ask(octets, number: number, sentNs: LinuxClock().nowNs())
    }

    /// Waits for a datagram that may answer one of the questions: a program that is not an echo
    /// answers with content of its own.
    func isAnswered(withinMs waitMs: Int32) -> Bool {
        if request?.isOneWay == true {
            return (PortUse.load(on: address)?.sockets ?? 0) > 0
        }
        var entry = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, waitMs)
        let arrival = room.withUnsafeMutableBytes { socket.receive(into: $0) }
        if case .failed(let errno) = arrival { receiveErrno = Self.ofHost(errno.rawValue) }
        guard case .datagram(let count, _) = arrival else { return false }
        if request != nil { return true }
        switch book.match(Array(room[..<count])) {
        case .answer, .oneOfSeveral, .again: return true
        case .unasked: return false
        }
    }

    /// The error of this host that kept questions from being sent, or answers from being read; nil
    /// if the program was asked and did not answer.
    var obstacle: String? {
        if let receiveErrno { return "recv: \(receiveErrno)" }
        if !hasAsked, let sendErrno { return "send: \(sendErrno)" }
        return nil
    }

    /// Returns an error of this host. ECONNREFUSED is caused by the closed port, and EAGAIN and
    /// EINTR are not errors.
    private static func ofHost(_ number: Int32) -> SystemErrno? {
        [ECONNREFUSED, EAGAIN, EINTR].contains(number) ? nil : SystemErrno(rawValue: number)
    }
}
