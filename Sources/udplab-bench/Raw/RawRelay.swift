import Datagrams
import Loops
import Metrics

/// Receives a batch, sends a batch, without reading or counting: the capacity of a relay without
/// impairments and accounts.
final class RawRelay: @unchecked Sendable {
    // Used only by the data thread from its start until it was joined.
    private let listening: DatagramSocket
    private let sending: DatagramSocket
    private var forwarded = 0
    private var delays = DelayHistogram()

    private let load: RawLoad
    /// Whether it measures the time from the kernel's receive to the send call: for the delay legs
    /// only.
    private let measuresDelay: Bool
    private let control = LoopControl()
    private var thread: DataThread?

    init(_ load: RawLoad, target: SocketAddress, measuresDelay: Bool) throws {
        self.load = load
        self.measuresDelay = measuresDelay
        guard let address = SocketAddress(numericHost: LoopbackPort.host, port: 0) else {
            throw BenchError("\(LoopbackPort.host) is no address")
        }
        listening = try load.openSocket()
        if measuresDelay, let errno = listening.set(.timestampsNs, to: 1) {
            throw SystemFailure("setsockopt", SocketOption.timestampsNs.name, errno)
        }
        try listening.bind(to: address)
        sending = try load.openSocket()
        try sending.connect(to: target)
    }

    func start() throws -> UInt16 {
        let port = try listening.localAddress().port
        thread = try DataThread.start(name: "raw-relay", cpu: load.cpu) { self.loop() }
        return port
    }

    /// Ends when no more datagrams arrive.
    func finish() -> RawFigures {
        control.stop(drainNs: 0)
        thread?.join()
        var figures = RawFigures(received: forwarded)
        if measuresDelay {
            let summary = delays.summary()
            figures.delayP50Ns = summary.p50
            figures.delayP99Ns = summary.p99
        }
        return figures
    }

    private func loop() {
        let batch = ReceiveBatch(
            slots: load.batch, slotBytes: load.receiveBytes, withAddresses: true,
            withControl: measuresDelay)
        let outbox = Outbox(slots: load.batch)
        let clock = LinuxClock()
        let anchorNs = measuresDelay ? WallTime.anchorNs() : 0
        var total = 0
        while true {
            let messages = batch.receive(on: listening.descriptor, count: batch.slots, wait: true)
            guard messages > 0 else {
                if control.isStopping { break }
                continue
            }
            for index in 0..<messages {
                outbox.set(index, octets: batch.slot(index), bytes: batch.length(index))
            }
            if measuresDelay {
                let now = clock.nowNs()
                for index in 0..<messages {
                    delays.record(max(0, now - (batch.kernelNs(index) - anchorNs)))
                }
            }
            var done = 0
            while done < messages {
                let taken = outbox.send(
                    on: sending.descriptor, from: done, count: messages - done)
                if taken <= 0 { break }
                done += taken
            }
            total += done
        }
        forwarded = total
    }
}
