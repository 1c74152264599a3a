import Glibc
import Lab

/// A small program around the supervision, for the tests that have to kill a whole runner.
///
///     lab-fixture runner           starts workers, says "PID PID PID" and waits
///     lab-fixture guard COMMAND…   the command under a guard
@main
enum Fixture {
    static func main() async throws {
        switch CommandLine.arguments.dropFirst().first {
        case "runner": try await run()
        case "guard": exit(CommandGuard.run(Array(CommandLine.arguments.dropFirst(2))))
        default: exit(64)
        }
    }

    /// Workers that hold out until their input closes, and a user's program that never would.
    private static func run() async throws {
        try await withWorkers { crew in
            for number in 1...3 {
                let script = #"echo '{"message":"hello"}'; while read -r line; do :; done"#
                let worker = try await crew.start(
                    WorkerSpecification(
                        name: "worker \(number)", executable: "/bin/sh",
                        arguments: ["-c", script]))
                _ = try await worker.expect("hello", within: .seconds(30))
            }
            let command = try await crew.start(
                .command(name: "theirs", guardVerb: ["guard"], ["sleep", "1000"]))
            while children(of: command.pid ?? 0).isEmpty {
                try await Task.sleep(for: .milliseconds(5))
            }
            let pids = crew.workers.compactMap(\.pid) + children(of: command.pid ?? 0)
            print(pids.map { String($0) }.joined(separator: " "))
            fflush(nil)
            try await Task.sleep(for: .seconds(1000))
        }
    }

    /// proc(5): `/proc/PID/task/TID/children`.
    private static func children(of pid: Int32) -> [Int32] {
        guard let file = fopen("/proc/\(pid)/task/\(pid)/children", "r") else { return [] }
        defer { fclose(file) }
        var bytes = [CChar](repeating: 0, count: 256)
        guard fgets(&bytes, 256, file) != nil else { return [] }
        let characters = bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let text = String(decoding: characters, as: UTF8.self)
        return text.split(separator: " ").compactMap { Int32($0) }
    }
}
