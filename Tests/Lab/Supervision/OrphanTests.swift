import Glibc
import Testing

@testable import Lab

/// With a runner of their own (`Fixture/Main.swift`), because it has to die.
@Suite struct OrphanTests {
    /// The fixture is built next to the test program.
    private static let fixture: String = {
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &path, path.count)
        let text = String(decoding: path.prefix(max(count, 0)).map(UInt8.init), as: UTF8.self)
        return text.prefix(through: text.lastIndex(of: "/") ?? text.startIndex) + "lab-fixture"
    }()

    /// Starts a runner with its workers and hands out the numbers of all its processes.
    private func withRunner(_ body: (WorkerProcess, [Int32]) async throws -> Void) async throws {
        let specification = WorkerSpecification(
            name: "runner", executable: Self.fixture, arguments: [], output: .diagnostics)
        try await withWorker(specification) { runner in
            #expect(await eventually { !runner.diagnostics.isEmpty })
            let line = try #require(runner.diagnostics.last)
            let pids = line.split(separator: " ").compactMap { Int32($0) }
            #expect(pids.count == 4)
            #expect(pids.allSatisfy(processExists))
            try await body(runner, pids)
            #expect(await eventually { !pids.contains(where: processExists) })
        }
    }

    @Test("L4 when the runner is killed with SIGKILL no worker is left")
    func l4Killed() async throws {
        try await withRunner { runner, _ in
            runner.kill()
            #expect(await runner.waitForExit()?.signal == SIGKILL)
        }
    }

    @Test("L4 workers go too when their runner ends by a signal that it does not handle")
    func l4Terminated() async throws {
        try await withRunner { runner, _ in
            runner.kill(signal: SIGTERM)
            #expect(await runner.waitForExit()?.signal == SIGTERM)
        }
    }
}
