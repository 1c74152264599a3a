import CLinuxUDP
import Glibc

/// A thread for the loops that process datagrams; never a Swift task.
package final class DataThread: @unchecked Sendable {
    /// The nice value of a data thread, where permitted (CAP_SYS_NICE): a thread that is
    /// descheduled in favour of a compiler misses its slots.
    private static let niceValue: Int32 = -15
    /// The nice value of a thread that gives way to the data threads.
    package static let yieldingNiceValue: Int32 = 10

    // `handle` is written once by `start` before it returns, and read by `join` alone.
    private var handle: pthread_t

    private init(handle: pthread_t) { self.handle = handle }

    private final class Body {
        let name: String
        let cpu: Int?
        let niceValue: Int32
        let run: () -> Void
        init(name: String, cpu: Int?, niceValue: Int32, run: @escaping () -> Void) {
            self.name = name
            self.cpu = cpu
            self.niceValue = niceValue
            self.run = run
        }
    }

    /// - Parameters:
    ///   - name: At most 15 bytes are shown by the kernel (PR_SET_NAME, prctl(2)).
    ///   - cpu: The CPU that the thread is pinned to; `nil` for no pinning.
    ///   - niceValue: The priority; without it that of the data threads.
    ///   - body: Runs on the new thread, with a timer slack of 1 ns (the kernel's 50 µs make every
    ///     sleep late: prctl(2)).
    package static func start(
        name: String, cpu: Int?, niceValue: Int32? = nil, _ body: sending @escaping () -> Void
    ) throws(SystemFailure) -> DataThread {
        var handle = pthread_t()
        let retained = Unmanaged.passRetained(
            Body(name: name, cpu: cpu, niceValue: niceValue ?? Self.niceValue, run: body))
        let result = pthread_create(
            &handle, nil,
            { context in
                guard let context else { return nil }
                let body = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
                _ = udplab_set_thread_name(body.name)
                if let cpu = body.cpu { _ = udplab_pin_thread(Int32(cpu)) }
                _ = udplab_set_timer_slack(1)
                _ = udplab_set_nice(body.niceValue)
                body.run()
                return nil
            }, retained.toOpaque())
        guard result == 0 else {
            retained.release()
            throw SystemFailure(
                "pthread_create", name, SystemErrno(rawValue: result),
                advice: "the limit on processes is reached (ulimit -u)")
        }
        return DataThread(handle: handle)
    }

    /// A function that starts a thread: `launch`, or a substitute in tests.
    package typealias Launch = (
        _ name: String, _ cpu: Int?, _ body: @escaping @Sendable () -> Void
    ) throws(SystemFailure) -> DataThread

    package static func launch(
        name: String, cpu: Int?, body: @escaping @Sendable () -> Void
    ) throws(SystemFailure) -> DataThread {
        try start(name: name, cpu: cpu, body)
    }

    /// Waits until the thread's body has returned. Call it once.
    package func join() { pthread_join(handle, nil) }

    /// Lets the calling thread sleep; a signal may end the sleep earlier.
    package static func sleep(ns: Int64) {
        var time = timespec(
            tv_sec: Int(max(0, ns) / 1_000_000_000), tv_nsec: Int(max(0, ns) % 1_000_000_000))
        nanosleep(&time, nil)
    }

    /// Returns the numbers of the CPUs that this process may use.
    package static func allowedCPUs() -> [Int] {
        var cpus = [Int32](repeating: 0, count: 1024)
        let count = udplab_allowed_cpus(&cpus, Int32(cpus.count))
        return count > 0 ? cpus[..<Int(count)].map(Int.init) : []
    }
}
