import Glibc
import Testing

@testable import Datagrams

/// What leaves this host, and what is made of it.
@Suite struct TapTests {
    private func loopback() throws -> SocketAddress {
        try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
    }

    @Test(
        "a tap sees a datagram to a port that another socket has, and of that source alone",
        .enabled(if: geteuid() == 0, "packet sockets need root"))
    func tap() throws {
        let owner = try DatagramSocket(family: .ipv4)
        let sender = try DatagramSocket(family: .ipv4)
        let other = try DatagramSocket(family: .ipv4)
        try owner.bind(to: loopback())
        try sender.bind(to: loopback())
        try other.bind(to: loopback())
        let tap = try PacketTap(sourcePort: sender.localAddress().port)
        let address = try owner.localAddress()
        #expect(other.send([1], to: address) == nil)
        let large = (0..<65_507).map { UInt8(truncatingIfNeeded: $0) }
        let payloads: [[UInt8]] = [[], [2, 3], large]
        for payload in payloads { #expect(sender.send(payload, to: address) == nil) }
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 8)
        defer { room.deallocate() }
        let source = try sender.localAddress()
        for payload in payloads {
            let packet = tap.take(room)
            #expect(packet?.payload == payload)
            #expect(packet?.source == source)
            #expect(packet?.destination == address)
        }
        #expect(tap.take(room) == nil)
    }

    @Test(
        "a forged port unreachable is a reset of the next call, whoever that call is for",
        .enabled(if: geteuid() == 0, "raw packets need root"))
    func forgedReset() throws {
        let server = try DatagramSocket(family: .ipv4)
        try server.bind(to: loopback())
        #expect(server.reportErrors() == nil)
        let gone = try #require(SocketAddress(numericHost: "127.0.0.1", port: 9))
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 8)
        defer { room.deallocate() }
        for _ in 0..<2 {
            try ForgedDatagram.sendUnreachable(aboutDatagramOf: server.localAddress(), to: gone)
            #expect(server.receive(into: room) == .failed(.connectionRefused))
        }
        #expect(server.receive(into: room) == .nothing)
    }

    /// An IPv4 packet of a datagram from 10.0.0.1:258 to 10.0.0.2:772.
    private func packet(_ segment: [UInt8], place: Int, hasMore: Bool, name: UInt8 = 7) -> [UInt8] {
        let total = 20 + segment.count
        let flags = (hasMore ? 0x2000 : 0) | place / 8
        return [0x45, 0, UInt8(total >> 8), UInt8(total & 0xff), 0, name]
            + [UInt8(flags >> 8), UInt8(flags & 0xff), 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]
            + segment
    }

    private let segment: [UInt8] = [1, 2, 3, 4, 0, 28, 0, 0] + (1...20)

    @Test("a datagram is whole when all its fragments are there, and nothing without the first")
    func fragments() {
        var assembler = DatagramAssembler()
        let whole = assembler.take(packet(segment, place: 0, hasMore: false))
        #expect(whole?.payload == Array(1...20))
        #expect(whole?.source.description == "10.0.0.1:258")
        #expect(whole?.destination.description == "10.0.0.2:772")
        let first = packet(Array(segment[..<16]), place: 0, hasMore: true)
        let second = packet(Array(segment[16..<24]), place: 16, hasMore: true)
        let last = packet(Array(segment[24...]), place: 24, hasMore: false)
        #expect(assembler.take(first) == nil)
        #expect(assembler.take(second) == nil)
        #expect(assembler.take(last) == whole)
        #expect(assembler.take(last) == nil)
        #expect(assembler.take(first) == nil)
        #expect(assembler.take(last) == nil, "one is missing")
    }

    @Test("what is no whole datagram is nothing, and a header that lies reads nothing beyond")
    func nonsense() {
        var assembler = DatagramAssembler()
        let good = packet(segment, place: 0, hasMore: false)
        for length in 0..<good.count {
            #expect(assembler.take(Array(good[..<length])) == nil)
        }
        for first in [UInt8(0x44), 0x4f, 0x65] {
            var wrong = good
            wrong[0] = first
            #expect(assembler.take(wrong) == nil)
        }
        var long = good
        long[25] = 29
        #expect(assembler.take(long) == nil, "longer than the packet")
        long[25] = 7
        #expect(assembler.take(long) == nil, "shorter than its header")
    }

    @Test("many datagrams that are never finished take a bounded room")
    func unfinished() {
        var assembler = DatagramAssembler()
        for name in 0..<200 {
            let head = Array(segment[..<16])
            #expect(
                assembler.take(packet(head, place: 0, hasMore: true, name: UInt8(name))) == nil)
        }
        #expect(assembler.unfinishedCount <= DatagramAssembler.unfinishedAtMost)
    }
}
