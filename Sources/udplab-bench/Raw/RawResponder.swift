import Datagrams
import Loops

/// Receives, and optionally sends back, without reading the datagrams' content.
final class RawResponder: @unchecked Sendable {
    // `socket` and `received` belong to the data thread from its start until it was joined.
    private let socket: DatagramSocket
    private var received = 0

    private let load: RawLoad
    private let control = LoopControl()
    private var thread: DataThread?

    init(_ load: RawLoad) throws {
        self.load = load
        let address = SocketAddress(numericHost: LoopbackPort.host, port: 0)
        guard let address else { throw BenchError("\(LoopbackPort.host) is no address") }
        socket = try load.openSocket()
        try socket.bind(to: address)
    }

    func start() throws -> UInt16 {
        let port = try socket.localAddress().port
        thread = try DataThread.start(name: "raw-responder", cpu: load.cpu) { self.loop() }
        return port
    }

    /// Ends when no more datagrams arrive.
    func finish() -> RawFigures {
        control.stop(drainNs: 0)
        thread?.join()
        return RawFigures(received: received)
    }

    private func loop() {
        let batch = ReceiveBatch(
            slots: load.batch, slotBytes: load.receiveBytes, withAddresses: load.echoes,
            withControl: load.segments > 1)
        let descriptor = socket.descriptor
        var total = 0
        while true {
            let messages = batch.receive(on: descriptor, count: batch.slots, wait: true)
            guard messages > 0 else {
                if control.isStopping { break }
                continue
            }
            if load.echoes { Self.sendBack(batch, messages, on: descriptor) }
            total += load.datagrams(batch, messages)
        }
        received = total
    }

    private static func sendBack(
        _ batch: borrowing ReceiveBatch, _ messages: Int, on descriptor: Int32
    ) {
        batch.turnAround(count: messages)
        var done = 0
        while done < messages {
            let taken = batch.sendBack(on: descriptor, from: done, count: messages - done)
            if taken <= 0 { return }
            done += taken
        }
    }
}
