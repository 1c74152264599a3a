import Datagrams

/// How udplab's stand-alone responders know each other's answers, so that two of them never talk
/// to each other forever.
///
/// An echo returns bytes as they came (RFC 862), so nothing in them can say "this is an answer".
/// The traffic class can: what these responders send carries DSCP 3, and what arrives with it is
/// counted and never answered. One forged datagram between two of them makes one answer.
///
/// DSCP 3 is of pool 2, `xxxx11`, which is for experiments and local use (RFC 2474 §6), and of the
/// lowest precedence. A network on the way may clear it; then only the allow-list stands between
/// two responders that were told to answer each other.
enum AnswerMark {
    private static let trafficClass: UInt8 = 3 << 2
    /// The last two bits are ECN's, which the network may set (RFC 3168 §5).
    private static let significantBits: UInt8 = 0xfc

    /// Marks what the socket sends, and asks for the mark of what it receives. A kernel that
    /// refuses leaves the socket as it was.
    static func apply(to socket: borrowing DatagramSocket) {
        let isFour = socket.family == .ipv4
        _ = socket.set(isFour ? .trafficClass4 : .trafficClass6, to: Int(trafficClass))
        _ = socket.set(isFour ? .receiveTrafficClass4 : .receiveTrafficClass6, to: 1)
    }

    /// Whether message `index` is an answer of such a responder.
    @inline(__always)
    static func isOn(_ batch: borrowing ReceiveBatch, _ index: Int) -> Bool {
        batch.trafficClass(index) & significantBits == trafficClass
    }
}
