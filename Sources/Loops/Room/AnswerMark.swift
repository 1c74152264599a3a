import Datagrams

/// The mark by which udplab's stand-alone responders recognise each other's answers, so that two of
/// them never answer each other forever.
///
/// An echo returns bytes unchanged (RFC 862), so the payload cannot mark an answer. The traffic
/// class can: these responders send with DSCP 3, and count arriving datagrams with DSCP 3 without
/// answering them. One forged datagram between two of them causes one answer.
///
/// DSCP 3 is of pool 2, `xxxx11`, which is for experiments and local use (RFC 2474 §6), and of the
/// lowest precedence. A network on the path may clear the mark; then only the allow-list prevents
/// two responders that may answer each other from doing so.
package enum AnswerMark {
    private static let trafficClass: UInt8 = 3 << 2
    /// The mask without the last two bits, which are ECN's and which the network may set (RFC 3168
    /// §5).
    private static let significantBits: UInt8 = 0xfc

    /// Marks the datagrams that the socket sends, and has it report the mark of received ones. If
    /// the kernel refuses, the socket is unchanged.
    package static func apply(to socket: borrowing DatagramSocket) {
        let isFour = socket.family == .ipv4
        _ = socket.set(isFour ? .trafficClass4 : .trafficClass6, to: Int(trafficClass))
        _ = socket.set(isFour ? .receiveTrafficClass4 : .receiveTrafficClass6, to: 1)
    }

    /// Sends with another codepoint (RFC 2474), until ``restore(on:)``.
    /// - Returns: Whether the kernel accepts it.
    package static func replace(
        _ codepoint: UInt8, on socket: borrowing DatagramSocket
    ) -> Bool {
        set(Int(codepoint) << 2, on: socket)
    }

    /// Sends with the mark again.
    package static func restore(on socket: borrowing DatagramSocket) {
        _ = set(Int(trafficClass), on: socket)
    }

    private static func set(_ trafficClass: Int, on socket: borrowing DatagramSocket) -> Bool {
        socket.set(socket.family == .ipv4 ? .trafficClass4 : .trafficClass6, to: trafficClass)
            == nil
    }

    /// Whether message `index` is an answer of another stand-alone responder.
    @inline(__always)
    package static func isOn(_ batch: borrowing ReceiveBatch, _ index: Int) -> Bool {
        batch.trafficClass(index) & significantBits == trafficClass
    }
}
