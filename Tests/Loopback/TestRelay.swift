import Datagrams
import Glibc
import Harness
import Synchronization

@testable import Loops

/// A bad network between a sender and a responder, seeded: loses, duplicates and holds back, both
/// ways. One thread, two sockets.
final class TestRelay: @unchecked Sendable {
    // All but `isOver` is touched by the thread alone after the start.
    private struct Held {
        var octets: [UInt8]
        var isForward: Bool
        /// How many more datagrams overtake it.
        var left: Int
    }

    let address: SocketAddress
    private let front: DatagramSocket
    private let back: DatagramSocket
    private let isOver = Atomic<Bool>(false)
    private var generator: SeededGenerator
    private var held: [Held] = []
    /// The sender's socket of each session.
    private var clients: [UInt16: SocketAddress] = [:]
    private var running: DataThread?

    init(to responder: SocketAddress, seed: UInt64) throws {
        front = try DatagramSocket(family: .ipv4)
        back = try DatagramSocket(family: .ipv4)
        guard let any = SocketAddress(numeric: "127.0.0.1:0") else { preconditionFailure() }
        try front.bind(to: any)
        try back.connect(to: responder)
        address = try front.localAddress()
        for descriptor in [front.descriptor, back.descriptor] {
            var size = Int32(4 << 20)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4)
        }
        generator = SeededGenerator(seed: seed)
        running = try DataThread.start(name: "relay", cpu: nil) { self.relay() }
    }

    func end() {
        isOver.store(true, ordering: .relaxed)
        running?.join()
        running = nil
    }

    private func relay() {
        let batch = ReceiveBatch(
            slots: 32, slotBytes: 2_048, withAddresses: true, withControl: false)
        while !isOver.load(ordering: .relaxed) {
            var entries = [
                pollfd(fd: front.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: back.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&entries, 2, 2) <= 0 {
                // Nothing follows that could overtake what is held back.
                for datagram in held { send(datagram.octets, isForward: datagram.isForward) }
                held = []
                continue
            }
            for (index, entry) in entries.enumerated() where entry.revents != 0 {
                let got = batch.receive(on: entry.fd, count: batch.slots, wait: false)
                for slot in 0..<max(0, got) { took(batch, slot, isForward: index == 0) }
            }
        }
    }

    private func took(_ batch: borrowing ReceiveBatch, _ slot: Int, isForward: Bool) {
        let octets = Array(
            UnsafeRawBufferPointer(start: batch.slot(slot), count: batch.length(slot)))
        if isForward, let client = batch.source(slot) { clients[Self.session(octets)] = client }
        let fate = Double.random(in: 0..<1, using: &generator)
        switch fate {
        case ..<0.01: break
        case ..<0.03:
            send(octets, isForward: isForward)
            send(octets, isForward: isForward)
        case ..<0.04:
            send(octets, isForward: isForward)
            hold(octets, isForward)
        case ..<0.08: hold(octets, isForward)
        default: send(octets, isForward: isForward)
        }
        for index in held.indices { held[index].left -= 1 }
        for datagram in held where datagram.left < 0 {
            send(datagram.octets, isForward: datagram.isForward)
        }
        held.removeAll { $0.left < 0 }
    }

    private func hold(_ octets: [UInt8], _ isForward: Bool) {
        let left = Int.random(in: 1...12, using: &generator)
        held.append(Held(octets: octets, isForward: isForward, left: left))
    }

    private func send(_ octets: [UInt8], isForward: Bool) {
        if isForward {
            _ = Glibc.send(back.descriptor, octets, octets.count, 0)
        } else if let client = clients[Self.session(octets)] {
            TestPeer.send(octets, on: front.descriptor, to: client)
        }
    }

    private static func session(_ octets: [UInt8]) -> UInt16 {
        UInt16(octets[14]) << 8 | UInt16(octets[15])
    }
}
