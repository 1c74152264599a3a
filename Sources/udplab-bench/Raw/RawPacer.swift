import Datagrams
import Glibc

/// Keeps a schedule without sending: the accuracy that this machine allows any sender.
///
/// The pacer waits as the lab's sender does, on a thread of the same kind, and skips as it does:
/// missed slots are caused by the machine (a hypervisor that takes the CPU away, interrupts).
final class RawPacer: @unchecked Sendable {
    struct Figures: Equatable, Sendable {
        var scheduled = 0
        var skipped = 0

        var skippedRatio: Double? {
            scheduled > 0 ? Double(skipped) / Double(scheduled) : nil
        }
    }

    /// The time before a slot at which it stops sleeping.
    private static let spinNs: Int64 = 50_000

    // Written by the data thread, read after it was joined.
    private var figures = Figures()

    func measure(rate: Int, seconds: Int) throws -> Figures {
        let cpus = DataThread.allowedCPUs()
        let slots = rate * seconds
        let thread = try DataThread.start(
            name: "raw-pacer", cpu: cpus.count > 1 ? cpus[0] : nil
        ) {
            self.figures = Self.keep(
                slots: slots, stepNs: 1_000_000_000 / Int64(rate), clock: LinuxClock(),
                sleep: Self.sleep)
        }
        thread.join()
        return figures
    }

    static func keep(
        slots: Int, stepNs: Int64, clock: some MonotonicClock, sleep: (_ untilNs: Int64) -> Void
    ) -> Figures {
        var figures = Figures(scheduled: slots)
        let startNs = clock.nowNs() + stepNs
        var slot = 0
        while slot < slots {
            let dueNs = startNs + Int64(slot) * stepNs
            var nowNs = clock.nowNs()
            if nowNs < dueNs - spinNs { sleep(dueNs - spinNs) }
            while nowNs < dueNs { nowNs = clock.nowNs() }
            // The slots that have a later one due as well.
            let missed = min(Int((nowNs - dueNs) / stepNs), slots - slot)
            figures.skipped += missed
            slot += missed + 1
        }
        return figures
    }

    private static func sleep(untilNs: Int64) {
        var time = timespec(
            tv_sec: Int(untilNs / 1_000_000_000), tv_nsec: Int(untilNs % 1_000_000_000))
        // If a signal wakes it early it spins until the slot.
        clock_nanosleep(CLOCK_MONOTONIC, Int32(TIMER_ABSTIME), &time, nil)
    }
}
