import Datagrams

/// The common parameters of the two processes of a raw leg: the sizes of a loop that only carries
/// datagrams.
struct RawLoad: Sendable {
    let payloadBytes: Int
    /// The number of datagrams in one buffer; more than one uses UDP_SEGMENT and UDP_GRO.
    let segments: Int
    let echoes: Bool
    let cpu: Int?

    /// The number of buffers per call. A larger buffer replaces many small ones: there are fewer of
    /// them, or the caches overflow.
    var batch: Int { segments > 1 ? 8 : 64 }

    var sendBytes: Int { payloadBytes * segments }

    /// The size of a receive slot. Coalesced datagrams arrive as one buffer of up to 64 KiB.
    var receiveBytes: Int { segments > 1 || payloadBytes > 2_048 ? 65_536 : 2_048 }

    private static let socketBufferBytes = 4 << 20
    /// The receive timeout, after which a receiver checks for a stop, and a sender takes the rest
    /// for lost.
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

    /// Returns the number of datagrams in `messages` received messages: a coalesced message counts
    /// as its segments, of which the last may be shorter.
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
