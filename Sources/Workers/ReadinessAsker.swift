import Datagrams
import Glibc

/// Asks a program until it answers. Each question has content of its own, so that an answer is
/// known to be one to this asker, and not one to a question of somebody who had the port before.
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

    init(_ address: SocketAddress) throws(SystemFailure) {
        let socket = try DatagramSocket(family: address.family)
        try socket.connect(to: address)
        self.socket = socket
        self.address = address
    }

    /// A probe's size, so that an echo server of any kind returns it, and printable, so that one
    /// that takes its input for text is not ended by it: eight hexadecimal digits of the asker's,
    /// eight of the number's.
    private var question: [UInt8] {
        Array((hexadecimal(token) + hexadecimal(UInt32(truncatingIfNeeded: number))).utf8)
    }

    private func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    func ask() {
        number += 1
        let octets = question
        // A reset of an earlier question fails this one: the next is soon.
        if let errno = socket.send(octets, to: address) {
            sendErrno = Self.ofHost(errno.rawValue) ?? sendErrno
            return
        }
        hasAsked = true
        book.ask(octets, number: number, sentNs: LinuxClock().nowNs())
    }

    /// Waits until something comes that may be the answer to one of the questions: a program that
    /// is no echo answers with content of its own.
    func isAnswered(withinMs waitMs: Int32) -> Bool {
        var entry = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, waitMs)
        let arrival = room.withUnsafeMutableBytes { socket.receive(into: $0) }
        if case .failed(let errno) = arrival { receiveErrno = Self.ofHost(errno.rawValue) }
        guard case .datagram(let count, _) = arrival else { return false }
        switch book.match(Array(room[..<count])) {
        case .answer, .oneOfSeveral, .again: return true
        case .unasked: return false
        }
    }

    /// What of this host kept the questions from leaving, or an answer from being read; nil where
    /// the program was asked and its silence is its own.
    var obstacle: String? {
        if let receiveErrno { return "recv: \(receiveErrno)" }
        if !hasAsked, let sendErrno { return "send: \(sendErrno)" }
        return nil
    }

    /// ECONNREFUSED is the closed port's, and EAGAIN and EINTR are no errors.
    private static func ofHost(_ number: Int32) -> SystemErrno? {
        [ECONNREFUSED, EAGAIN, EINTR].contains(number) ? nil : SystemErrno(rawValue: number)
    }
}
