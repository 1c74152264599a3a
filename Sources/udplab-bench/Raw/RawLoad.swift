import Datagrams

/// What the two processes of a raw leg have in common: the sizes of a loop that does nothing but
/// carry datagrams.
struct RawLoad: Sendable {
    let payloadBytes: Int
    /// Datagrams in one buffer; more than one is with UDP_SEGMENT and UDP_GRO.
    let segments: Int
    let echoes: Bool
    let cpu: Int?

    /// A larger buffer is worth many small ones: there are fewer of them, or the caches overflow.
    var batch: Int { segments > 1 ? 8 : 64 }

    var sendBytes: Int { payloadBytes * segments }

    /// Coalesced datagrams arrive as one buffer of up to 64 KiB.
    var receiveBytes: Int { segments > 1 || payloadBytes > 2_048 ? 65_536 : 2_048 }

    private static let socketBufferBytes = 4 << 20
    /// How soon a receiver notices that it is to stop, and a sender that nothing comes any more.
    private static let patienceNs: Int64 = 100_000_000

    func openSocket() throws(SystemFailure) -> DatagramSocket {
        let socket = try DatagramSocket(family: .ipv4)
        _ = socket.askReceiveBuffer(bytes: Self.socketBufferBytes)
        _ = socket.askSendBuffer(bytes: Self.socketBufferBytes)
        socket.setReceiveTimeout(ns: Self.patienceNs)
        if segments > 1 {
            try Self.require(.receiveOffload, 1, on: socket)
            try Self.require(.segment, payloadBytes, on: socket)
        }
        return socket
    }

    private static func require(
        _ option: SocketOption, _ value: Int, on socket: borrowing DatagramSocket
    ) throws(SystemFailure) {
        if let errno = socket.set(option, to: value) {
            throw SystemFailure("setsockopt", option.name, errno)
        }
    }

    /// How many datagrams a receive that gave `messages` has brought: a coalesced message is as
    /// many as its segments, of which the last may be shorter.
    @inline(__always)
    func datagrams(_ batch: borrowing ReceiveBatch, _ messages: Int) -> Int {
        guard segments > 1 else { return max(0, messages) }
        var count = 0
        for index in 0..<max(0, messages) {
            let bytes = batch.segmentBytes(index)
            count += (batch.length(index) + bytes - 1) / bytes
        }
        return count
    }
}
