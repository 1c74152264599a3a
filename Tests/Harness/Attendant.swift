import Glibc
import Synchronization

/// A thread of its own for a test that watches a program. The tests' other threads are as many as
/// the machine has processors, and a test that computes or waits for a thread holds one of them
/// for seconds: a signal meant for the middle of a run would come after its end.
final class Attendant: TaskExecutor {
    @TaskLocal private static var current: Attendant?

    private struct State {
        var jobs: [UnownedJob] = []
        var isClosed = false
        var thread: pthread_t?
    }

    private let state = Mutex(State())
    /// One for each job that waits; its memory is ours as long as the thread runs.
    private nonisolated(unsafe) let waiting = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    private init() { sem_init(waiting, 0, 0) }

    deinit {
        sem_destroy(waiting)
        waiting.deallocate()
    }

    /// Does `body` on a thread that nobody else uses, as far as no actor has a say in it.
    static func attend(_ body: () async throws -> Void) async throws {
        let attendant = Attendant()
        try attendant.start()
        defer { attendant.close() }
        try await $current.withValue(attendant) {
            try await withTaskExecutorPreference(attendant) { try await body() }
        }
    }

    /// Whether the caller is on the thread of its own, which it may block.
    static var isHere: Bool {
        guard let thread = current?.state.withLock({ $0.thread }) else { return false }
        return pthread_equal(thread, pthread_self()) != 0
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        sem_post(waiting)
    }

    private func start() throws {
        var thread = pthread_t()
        let attendant = Unmanaged.passRetained(self)
        let result = pthread_create(
            &thread, nil,
            { context in
                let attendant = Unmanaged<Attendant>.fromOpaque(context!).takeRetainedValue()
                attendant.serve()
                return nil
            }, attendant.toOpaque())
        guard result == 0 else {
            attendant.release()
            throw HarnessError("pthread_create: \(result)")
        }
        pthread_detach(thread)
    }

    private func close() {
        state.withLock { $0.isClosed = true }
        sem_post(waiting)
    }

    private func serve() {
        state.withLock { $0.thread = pthread_self() }
        let executor = asUnownedTaskExecutor()
        while true {
            while sem_wait(waiting) != 0 {}
            let job = state.withLock { $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }
            guard let job else {
                if state.withLock({ $0.isClosed }) { return }
                continue
            }
            job.runSynchronously(on: executor)
        }
    }
}

/// Lets time pass. On an attendant's thread it comes back in time, however busy the others are.
package func nap(_ duration: Duration) async throws {
    try Task.checkCancellation()
    guard Attendant.isHere else { return try await Task.sleep(for: duration) }
    let (seconds, attoseconds) = duration.components
    var asked = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    var left = asked
    while nanosleep(&asked, &left) != 0 { asked = left }
}
