import Datagrams
import Glibc

/// Sends at the maximum rate without accounting: the upper bound for a sender with accounting.
final class RawSender: @unchecked Sendable {
    // Written by the data thread, read after it was joined.
    private var outcome: Result<RawFigures, SystemFailure>?

    private let load: RawLoad
    private let target: SocketAddress
    private let durationNs: Int64

    private let pps: Int?

    /// Makes a sender.
    /// - Parameter pps: The rate of single datagrams; `nil` is the maximum rate.
    init(_ load: RawLoad, target: SocketAddress, durationNs: Int64, pps: Int? = nil) {
        self.pps = pps
        self.load = load
        self.target = target
        self.durationNs = durationNs
    }

    func run() throws -> RawFigures {
        let thread = try DataThread.start(name: "raw-sender", cpu: load.cpu) {
            do throws(SystemFailure) {
                self.outcome = .success(try self.loop())
            } catch {
                self.outcome = .failure(error)
            }
        }
        thread.join()
        guard let outcome else { throw BenchError("the raw sender gave no result") }
        return try outcome.get()
    }

    private func loop() throws(SystemFailure) -> RawFigures {
        let socket = try load.openSocket()
        try socket.connect(to: target)
        let batch = SendBatch(slots: load.batch, slotBytes: load.sendBytes)
        if let pps { return pace(socket.descriptor, batch, everyNs: 1_000_000_000 / Int64(pps)) }
        return load.echoes
            ? echo(socket.descriptor, batch) : flood(socket.descriptor, batch)
    }

    /// Sends at absolute deadlines, and sleeps in between.
    private func pace(
        _ descriptor: Int32, _ batch: borrowing SendBatch, everyNs: Int64
    ) -> RawFigures {
        let clock = LinuxClock()
        let startNs = clock.nowNs()
        var figures = RawFigures()
        var dueNs = startNs
        while dueNs - startNs < durationNs {
            var until = timespec(
                tv_sec: Int(dueNs / 1_000_000_000), tv_nsec: Int(dueNs % 1_000_000_000))
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nil)
            figures.sent += max(0, batch.send(on: descriptor, from: 0, count: 1))
            dueNs += everyNs
        }
        figures.elapsedNs = Int(clock.nowNs() - startNs)
        return figures
    }

    private func flood(_ descriptor: Int32, _ batch: borrowing SendBatch) -> RawFigures {
        let clock = LinuxClock()
        let startNs = clock.nowNs()
        var figures = RawFigures()
        var now = startNs
        while now - startNs < durationNs {
            let taken = batch.send(on: descriptor, from: 0, count: batch.slots)
            if taken > 0 { figures.sent += taken * load.segments }
            now = clock.nowNs()
        }
        figures.elapsedNs = Int(now - startNs)
        return figures
    }

    /// Runs a closed loop: at most as many outstanding datagrams as the socket buffers hold.
    private func echo(_ descriptor: Int32, _ batch: borrowing SendBatch) -> RawFigures {
        let incoming = ReceiveBatch(
            slots: load.batch, slotBytes: load.receiveBytes, withAddresses: false,
            withControl: load.segments > 1)
        let window = 4 * load.batch * load.segments
        let clock = LinuxClock()
        let startNs = clock.nowNs()
        var figures = RawFigures()
        var outstanding = 0
        var now = startNs
        while now - startNs < durationNs {
            if outstanding > window {
                let count = receive(incoming, on: descriptor)
                figures.received += count
                // After the receive timeout missing datagrams are lost.
                outstanding = count == 0 ? 0 : outstanding - count
            } else {
                let taken = batch.send(on: descriptor, from: 0, count: batch.slots)
                if taken > 0 {
                    figures.sent += taken * load.segments
                    outstanding += taken * load.segments
                }
            }
            now = clock.nowNs()
        }
        figures.elapsedNs = Int(now - startNs)
        while true {
            let count = receive(incoming, on: descriptor)
            if count == 0 { return figures }
            figures.received += count
        }
    }

    /// Waits for datagrams. Returns their number, 0 after the receive timeout.
    private func receive(_ batch: borrowing ReceiveBatch, on descriptor: Int32) -> Int {
        load.datagrams(batch, batch.receive(on: descriptor, count: batch.slots, wait: true))
    }
}
