import Datagrams
import Glibc
import Testing

/// What the kernel tells of other programs' sockets, held against what they know themselves.
@Suite struct SocketTableTests {
    private func loopback() throws -> SocketAddress {
        try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
    }

    @Test("drops that are seen from outside are those that the socket counts itself")
    func drops() throws {
        let receiver = try DatagramSocket(family: .ipv4)
        try receiver.bind(to: loopback())
        _ = receiver.set(.receiveBuffer, to: 4_096)
        let address = try receiver.localAddress()
        let idle = try #require(PortUse.load(on: address))
        #expect(idle.sockets == 1)
        #expect(idle.queuedBytes == 0)
        #expect(idle.drops == 0)
        let sender = try DatagramSocket(family: .ipv4)
        for _ in 0..<100 { #expect(sender.send([1, 2, 3], to: address) == nil) }
        let load = try #require(PortUse.load(on: address))
        #expect(load.drops > 0)
        #expect(load.drops == receiver.receiveDrops())
        #expect(load.queuedBytes > 0)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 8)
        defer { room.deallocate() }
        var arrived = 0
        while case .datagram(let bytes, let source) = receiver.receive(into: room) {
            #expect(bytes == 3)
            #expect(source?.isLoopback == true)
            arrived += 1
        }
        #expect(arrived + load.drops == 100)
        #expect(PortUse.load(on: address)?.queuedBytes == 0)
    }

    @Test("a datagram to a closed port is counted by this host, and told to its sender")
    func unreachable() throws {
        let closed = try DatagramSocket(family: .ipv4)
        try closed.bind(to: loopback())
        let address = try closed.localAddress()
        let before = try #require(UnreachableCounter.sent(.ipv4))
        _ = consume closed
        let sender = try DatagramSocket(family: .ipv4)
        #expect(sender.reportErrors() == nil)
        #expect(sender.send([], to: address) == nil)
        #expect(try #require(UnreachableCounter.sent(.ipv4)) > before)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 8)
        defer { room.deallocate() }
        #expect(sender.receive(into: room) == .failed(.connectionRefused))
        #expect(sender.receive(into: room) == .nothing)
    }

    @Test(
        "a forged datagram arrives with the source that it claims",
        .enabled(if: geteuid() == 0, "raw packets need root"))
    func forged() throws {
        let receiver = try DatagramSocket(family: .ipv4)
        try receiver.bind(to: loopback())
        let address = try receiver.localAddress()
        let claimed = try #require(SocketAddress(numericHost: "127.9.8.7", port: 4_711))
        try ForgedDatagram.send([5, 6, 7], from: claimed, to: address)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 8)
        defer { room.deallocate() }
        #expect(receiver.receive(into: room) == .datagram(bytes: 3, source: claimed))
        #expect(Array(room[..<3]) == [5, 6, 7])
    }
}
