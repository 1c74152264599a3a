import Datagrams
import Glibc
import Synchronization

/// A UDP socket in a test's own hands, on a thread of its own: for each datagram that comes it
/// sends what the test wants.
final class TestPeer: @unchecked Sendable {
    // `socket` is used by the thread alone after the start.
    struct Datagram {
        var octets: [UInt8]
        var peer: SocketAddress
    }

    let address: SocketAddress
    private let socket: DatagramSocket
    private let isOver = Atomic<Bool>(false)
    private let answer: (Datagram) -> [[UInt8]]
    private var running: DataThread?

    init(_ answer: @escaping (Datagram) -> [[UInt8]]) throws {
        socket = try DatagramSocket(family: .ipv4)
        guard let any = SocketAddress(numeric: "127.0.0.1:0") else { preconditionFailure() }
        try socket.bind(to: any)
        address = try socket.localAddress()
        socket.setReceiveTimeout(ns: 20_000_000)
        self.answer = answer
        running = try DataThread.start(name: "peer", cpu: nil) { self.serve() }
    }

    func end() {
        isOver.store(true, ordering: .relaxed)
        running?.join()
        running = nil
    }

    private func serve() {
        let batch = ReceiveBatch(
            slots: 1, slotBytes: 1 << 16, withAddresses: true, withControl: false)
        while !isOver.load(ordering: .relaxed) {
            guard batch.receive(on: socket.descriptor, count: 1, wait: true) == 1,
                let peer = batch.source(0)
            else { continue }
            let octets = UnsafeRawBufferPointer(start: batch.slot(0), count: batch.length(0))
            for reply in answer(Datagram(octets: Array(octets), peer: peer)) {
                Self.send(reply, on: socket.descriptor, to: peer)
            }
        }
    }

    static func send(_ octets: [UInt8], on descriptor: Int32, to peer: SocketAddress) {
        peer.withRaw { raw, size in
            _ = octets.withUnsafeBytes {
                sendto(descriptor, $0.baseAddress, octets.count, 0, raw, size)
            }
        }
    }
}
