import Datagrams
import Synchronization

/// The data threads of a job, one for each of its lanes.
final class LaneThreads: Sendable {
    private let running: Atomic<Int>

    private init(_ count: Int) { running = Atomic(count) }

    /// Starts a thread for each lane.
    /// - Parameters:
    ///   - cpus: The CPU of each thread, as far as the list goes.
    ///   - abandon: Ends the running threads if a further thread cannot be started.
    ///   - whenDone: Called on the last thread to end.
    /// - Throws: If a thread cannot be started; the others have ended then.
    static func start(
        _ count: Int, name: String, cpus: [Int]?, by launch: DataThread.Launch,
        run: @escaping @Sendable (Int) -> Void, abandon: () -> Void,
        whenDone: @escaping @Sendable () -> Void
    ) throws(WorkerFailure) -> [DataThread] {
        let lanes = LaneThreads(count)
        var threads: [DataThread] = []
        do throws(SystemFailure) {
            for index in 0..<count {
                let cpu = cpus.flatMap { index < $0.count ? $0[index] : nil }
                threads.append(
                    try launch(name, cpu) {
                        run(index)
                        if lanes.endsLast() { whenDone() }
                    })
            }
        } catch {
            abandon()
            for thread in threads { thread.join() }
            throw WorkerFailure(.setUp, "\(error)")
        }
        return threads
    }

    private func endsLast() -> Bool {
        running.subtract(1, ordering: .acquiringAndReleasing).newValue == 0
    }
}
