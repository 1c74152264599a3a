import Datagrams
import Glibc
import Harness
import Synchronization

/// Peer on 127.0.0.1 that sends without end to whoever has sent to it last.
final class Flooder: Sendable {
    let port: UInt16
    private let thread: DataThread
    private let isOver = Flag()

    private final class Flag: Sendable {
        private let isRaised = Atomic<Bool>(false)
        var value: Bool { isRaised.load(ordering: .relaxed) }
        func raise() { isRaised.store(true, ordering: .relaxed) }
    }

    /// Used by the thread alone once that runs.
    private final class Place: @unchecked Sendable {
        let socket: DatagramSocket
        init() throws { socket = try DatagramSocket(family: .ipv4) }
    }

    init() throws {
        let place = try Place()
        guard let any = SocketAddress(numeric: "127.0.0.1:0") else {
            throw HarnessError("no address")
        }
        try place.socket.bind(to: any)
        port = try place.socket.localAddress().port
        let isOver = isOver
        thread = try DataThread.start(name: "flooder", cpu: nil) {
            Self.flood(from: place) { !isOver.value }
        }
    }

    deinit {
        isOver.raise()
        thread.join()
    }

    private static func flood(from place: Place, while isRunning: () -> Bool) {
        let batch = ReceiveBatch(slots: 1, slotBytes: 64, withAddresses: true, withControl: false)
        // What a terminal would obey, and what grows most when it is escaped.
        let octets = (0..<60_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var peer: SocketAddress?
        var count = 0
        while isRunning() {
            if batch.receive(on: place.socket.descriptor, count: 1, wait: false) > 0 {
                peer = batch.source(0)
            }
            count += 1
            guard let peer, count % 64 != 0 else {
                usleep(1_000)
                continue
            }
            _ = place.socket.send(Array(octets.prefix([16, 1_400, 60_000][count % 3])), to: peer)
        }
    }
}
