import Datagrams
import Glibc
import Testing

@testable import Loops

/// Batches whose messages are calls of their own: what `off` asks for, and what a refused batch
/// call leaves.
@Suite struct SingleCallTests {
    private static let single = SingleCalls(sends: true, receives: true)

    private func bound() throws -> DatagramSocket {
        let any = try #require(SocketAddress(numeric: "127.0.0.1:0"))
        let socket = try DatagramSocket(family: .ipv4)
        try socket.bind(to: any)
        return socket
    }

    private func connected(to other: borrowing DatagramSocket) throws -> DatagramSocket {
        let socket = try DatagramSocket(family: .ipv4)
        try socket.connect(to: try other.localAddress())
        return socket
    }

    @Test("single calls carry a batch in order, with sources, and an empty queue is EAGAIN")
    func carries() throws {
        let receiver = try bound()
        let sender = try connected(to: receiver)
        let outgoing = SendBatch(slots: 16, slotBytes: 8, single: Self.single)
        for slot in 0..<16 { outgoing.slot(slot).storeBytes(of: UInt64(slot), as: UInt64.self) }
        #expect(outgoing.send(on: sender.descriptor, from: 0, count: 16) == 16)
        let incoming = ReceiveBatch(
            slots: 10, slotBytes: 9, withAddresses: true, withControl: true, single: Self.single)
        #expect(incoming.receiveCall == "recvmsg")
        let source = try sender.localAddress()
        var next: UInt64 = 0
        for expected in [10, 6] {
            let count = incoming.receive(on: receiver.descriptor, count: 10, wait: false)
            #expect(count == expected)
            for index in 0..<max(0, count) {
                #expect(incoming.length(index) == 8)
                #expect(incoming.slot(index).loadUnaligned(as: UInt64.self) == next)
                #expect(incoming.source(index) == source)
                next += 1
            }
        }
        #expect(incoming.receive(on: receiver.descriptor, count: 10, wait: false) == -Int(EAGAIN))
    }

    @Test("a pending error is returned once, and costs no datagram")
    func pendingError() throws {
        let receiver = try bound()
        let sender = try connected(to: receiver)
        try receiver.connect(to: try sender.localAddress())
        _ = receiver.reportErrors()
        let outgoing = SendBatch(slots: 1, slotBytes: 4)
        #expect(outgoing.send(on: sender.descriptor, from: 0, count: 1) == 1)
        var closed = try bound()
        let gone = try closed.localAddress()
        closed.closeNow()
        // The reset of a datagram to a closed port is pending behind the datagram in the queue.
        try receiver.connect(to: gone)
        #expect(receiver.send([1], to: gone) == nil)
        let incoming = ReceiveBatch(
            slots: 4, slotBytes: 9, withAddresses: true, withControl: false, single: Self.single)
        var results: [Int] = []
        for _ in 0..<4 {
            results.append(incoming.receive(on: receiver.descriptor, count: 4, wait: false))
        }
        #expect(results.count { $0 == -Int(ECONNREFUSED) } == 1, "\(results)")
        #expect(results.count { $0 == 1 } == 1, "\(results)")
        #expect(results.last == -Int(EAGAIN), "\(results)")
    }

    @Test("an outbox of single calls sends each message where it goes")
    func outbox() throws {
        let receiver = try bound()
        let address = try receiver.localAddress()
        let free = try DatagramSocket(family: .ipv4)
        let outbox = Outbox(slots: 4, single: Self.single)
        let payload: [UInt8] = [1, 2, 3, 4]
        let addresses = RawAddresses([address])
        payload.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            for slot in 0..<4 {
                outbox.set(
                    slot, octets: base + slot, bytes: 1, address: addresses[0],
                    addressBytes: MemoryLayout<sockaddr_in>.size)
            }
            #expect(outbox.send(on: free.descriptor, from: 0, count: 4) == 4)
        }
        let incoming = ReceiveBatch(
            slots: 8, slotBytes: 4, withAddresses: false, withControl: false)
        #expect(incoming.receive(on: receiver.descriptor, count: 8, wait: false) == 4)
        #expect((0..<4).map { incoming.slot($0).load(as: UInt8.self) } == [1, 2, 3, 4])
    }
}
