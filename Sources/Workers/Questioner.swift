import Datagrams
import Glibc

/// Socket that asks a program whether it answers.
struct Questioner: ~Copyable {
    private let socket: DatagramSocket
    /// Zeros of a probe's size: an echo server of any kind returns them.
    private let question = [UInt8](repeating: 0, count: ProbeLayout.minimumBytes)
    private var hasAsked = false
    private var sendErrno: SystemErrno?
    private var receiveErrno: SystemErrno?

    private init(_ socket: consuming DatagramSocket) { self.socket = socket }

    static func toward(_ address: SocketAddress) throws(SystemFailure) -> Questioner {
        let socket = try DatagramSocket(family: address.family)
        try socket.connect(to: address)
        return Questioner(socket)
    }

    /// What of this host kept the question from leaving, or an answer from being read; nil where
    /// the program was asked and its silence is its own.
    var obstacle: String? {
        if let receiveErrno { return "recv: \(receiveErrno)" }
        if !hasAsked, let sendErrno { return "send: \(sendErrno)" }
        return nil
    }

    /// - Returns: Whether an answer came.
    mutating func ask(withinMs: Int32) -> Bool {
        if send(socket.descriptor, question, question.count, 0) >= 0 {
            hasAsked = true
        } else {
            sendErrno = Self.ofHost(errno) ?? sendErrno
        }
        var entry = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, withinMs)
        var answer = [UInt8](repeating: 0, count: 64)
        if recv(socket.descriptor, &answer, answer.count, Int32(MSG_DONTWAIT)) >= 0 { return true }
        receiveErrno = Self.ofHost(errno)
        return false
    }

    /// ECONNREFUSED is the closed port's, and EAGAIN and EINTR are no errors.
    private static func ofHost(_ number: Int32) -> SystemErrno? {
        [ECONNREFUSED, EAGAIN, EINTR].contains(number) ? nil : SystemErrno(rawValue: number)
    }
}
