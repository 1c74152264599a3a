import Datagrams
import Glibc
import Impairment
import Testing

@testable import Loops

/// What becomes of the IP header of a datagram that a relay hands on.
@Suite(.serialized) struct RelayHopTests {
    /// A socket that reports traffic classes and hop limits, and the last datagram that came.
    private final class End {
        let socket: DatagramSocket
        let address: SocketAddress
        private let batch = ReceiveBatch(
            slots: 1, slotBytes: 2_048, withAddresses: true, withControl: true)

        init(_ host: String) throws {
            let any = try #require(SocketAddress(numericHost: host, port: 0))
            let socket = try DatagramSocket(family: any.family)
            try socket.bind(to: any)
            socket.setReceiveTimeout(ns: 5_000_000_000)
            let isFour = any.family == .ipv4
            _ = socket.set(isFour ? .receiveTrafficClass4 : .receiveTrafficClass6, to: 1)
            _ = socket.set(isFour ? .receiveHopLimit4 : .receiveHopLimit6, to: 1)
            address = try socket.localAddress()
            self.socket = socket
        }

        func send(to peer: SocketAddress, trafficClass: Int, hopLimit: Int) {
            let isFour = socket.family == .ipv4
            _ = socket.set(isFour ? .trafficClass4 : .trafficClass6, to: trafficClass)
            _ = socket.set(isFour ? .hopLimit4 : .hopLimit6, to: hopLimit)
            TestPeer.send([1, 2, 3], on: socket.descriptor, to: peer)
        }

        func receive() -> (trafficClass: UInt8, hopLimit: UInt8, source: SocketAddress)? {
            guard batch.receive(on: socket.descriptor, count: 1, wait: true) == 1,
                let source = batch.source(0)
            else { return nil }
            return (batch.trafficClass(0), batch.hopLimit(0), source)
        }
    }

    private static func relay(
        to target: SocketAddress, listen: String, during body: (SocketAddress) throws -> Void
    ) throws -> RelayResult {
        let control = RelayControl()
        let job = try RelayJob(
            RelayAssignment(
                listen: listen, targets: [target.description], forward: Impairment(),
                backward: Impairment(), seed: 1), control: control)
        let threads = try job.start(startNs: LinuxClock().nowNs()) {}
        let outcome = Result { try body(job.address) }
        control.loop.stop(drainNs: 0)
        for thread in threads { thread.join() }
        try outcome.get()
        return try job.result()
    }

    @Test(
        "DSCP and ECN cross a relay both ways, and its hop is counted",
        arguments: ["127.0.0.1", "::1"])
    func header(host: String) throws {
        let (client, server) = (try End(host), try End(host))
        let listen = host.contains(":") ? "[\(host)]:0" : "\(host):0"
        let result = try Self.relay(to: server.address, listen: listen) { address in
            // Expedited forwarding with ECT(0), the mark of an answer, congestion met; the hop
            // limits of Linux, of a distant host, and the largest.
            for (trafficClass, hopLimit) in [(0xba, 64), (0x0c, 5), (0x03, 255), (0, 64)] {
                client.send(to: address, trafficClass: trafficClass, hopLimit: hopLimit)
                let there = try #require(server.receive())
                #expect(there.trafficClass == UInt8(trafficClass))
                #expect(there.hopLimit == UInt8(hopLimit - 1))
                server.send(to: there.source, trafficClass: trafficClass, hopLimit: hopLimit)
                let back = try #require(client.receive())
                #expect(back.trafficClass == UInt8(trafficClass))
                #expect(back.hopLimit == UInt8(hopLimit - 1))
                #expect(back.source == address)
            }
        }
        #expect(result.forward.accounts.forwarded == 4)
        #expect(result.backward.accounts.forwarded == 4)
    }

    @Test("two relays that send to each other hand a datagram round until its hop limit is used up")
    func ring() throws {
        // The port of the second relay is free until it is there; where other tests do not bind.
        let place: SocketAddress
        do { place = try End("127.0.71.7").address }
        let client = try End("127.0.0.1")
        var second: RelayResult?
        let first = try Self.relay(to: place, listen: "127.0.0.1:0") { address in
            second = try Self.relay(to: address, listen: place.description) { _ in
                client.send(to: address, trafficClass: 0, hopLimit: 64)
                // As long as one more round than there are hops would take on a busy machine.
                usleep(300_000)
            }
        }
        let accounts = [first.forward.accounts, try #require(second).forward.accounts]
        #expect(accounts.reduce(0) { $0 + $1.received } == 64)
        #expect(accounts.reduce(0) { $0 + $1.hopLimit } == 1)
        #expect(accounts.reduce(0) { $0 + $1.forwarded } == 63)
    }

    @Test("a relay is known as one while it is there, at its address and at none else")
    func notice() throws {
        let server = try End("127.0.0.1")
        var seen: SocketAddress?
        _ = try Self.relay(to: server.address, listen: "127.0.0.1:0") { address in
            seen = address
            #expect(RelayNotice.exists(at: address))
            #expect(!RelayNotice.exists(at: server.address))
        }
        #expect(!RelayNotice.exists(at: try #require(seen)))
        _ = try Self.relay(to: server.address, listen: "0.0.0.0:0") { address in
            let here = try #require(SocketAddress(numericHost: "127.0.0.5", port: address.port))
            #expect(RelayNotice.exists(at: here))
        }
    }
}
