import Datagrams
import JSON
import Synchronization

@testable import Lab

/// Workers that misbehave on purpose, each a few lines of shell or Python speaking (or not
/// speaking) the line protocol.
enum FakeWorker {
    static func shell(_ script: String, name: String = "fake") -> WorkerSpecification {
        readingLate(
            WorkerSpecification(name: name, executable: "/bin/sh", arguments: ["-c", script]))
    }

    static func python(_ script: String) -> WorkerSpecification {
        readingLate(
            WorkerSpecification(
                name: "fake", executable: "python3", arguments: ["-u", "-c", script]))
    }

    /// An interpreter takes seconds to begin to read on a machine that is busy with other tests.
    private static func readingLate(_ specification: WorkerSpecification) -> WorkerSpecification {
        var specification = specification
        specification.limits.sendDeadline = patience
        return specification
    }

    /// Says hello, answers every line with `result`, and ends when its input closes.
    static let obedient = patient(
        shell(
            """
            echo '{"message":"hello"}'
            while read -r line; do echo '{"message":"result"}'; done
            """))

    /// With time enough to end by itself on a machine that is busy with other tests.
    static func patient(_ specification: WorkerSpecification) -> WorkerSpecification {
        var specification = specification
        specification.limits.stopGrace = patience
        return specification
    }
}

/// How long these tests wait for what has to happen: far longer than it takes, so that a loaded
/// machine cannot fail them.
let patience = Duration.seconds(120)

/// Runs one worker and returns what `body` made of it.
func withWorker<Result: Sendable>(
    _ specification: WorkerSpecification, _ body: (WorkerProcess) async throws -> Result
) async throws -> Result {
    try await withWorkers { crew in
        try await body(try await crew.start(specification))
    }
}

/// The error that `body` throws; records a failure when there is none.
func workerError(_ body: () async throws -> Void) async throws -> WorkerError {
    do {
        try await body()
    } catch let error as WorkerError {
        return error
    }
    throw NoErrorThrown()
}

struct NoErrorThrown: Error {}

/// Collects values from callbacks of any thread.
final class Collected<Value: Sendable>: Sendable {
    private let state = Mutex<[Value]>([])
    var values: [Value] { state.withLock { $0 } }
    func append(_ value: Value) { state.withLock { $0.append(value) } }
}

/// Whether a process exists, a zombie counting as gone: only its parent can still see that.
func processExists(_ pid: Int32) -> Bool {
    guard let stat = KernelFile.text("/proc/\(pid)/stat"), let end = stat.lastIndex(of: ")")
    else { return false }
    return !stat[end...].hasPrefix(") Z")
}

/// Waits until `condition` holds; `false` when patience is over.
func eventually(_ condition: () -> Bool) async -> Bool {
    let end = ContinuousClock.now + patience
    while !condition() {
        if ContinuousClock.now > end { return false }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return true
}
