import Glibc
import Lab

/// A runner and nothing else, for the tests that have to kill one: it starts workers that hold out
/// until their input closes, prints their process numbers on one line, and waits.
@main
enum Fixture {
    static func main() async throws {
        let script = #"echo '{"message":"hello"}'; while read -r line; do :; done"#
        try await withWorkers { crew in
            for number in 1...4 {
                let worker = try await crew.start(
                    WorkerSpecification(
                        name: "worker \(number)", executable: "/bin/sh",
                        arguments: ["-c", script]))
                _ = try await worker.expect("hello", within: .seconds(30))
            }
            print(crew.workers.compactMap(\.pid).map(String.init).joined(separator: " "))
            fflush(nil)
            try await Task.sleep(for: .seconds(1000))
        }
    }
}
