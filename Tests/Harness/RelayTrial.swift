import Glibc
import JSON

/// `udplab relay` in front of `udplab echo`, for as long as a test's body takes.
package struct RelayTrial: Sendable {
    package let directory: TemporaryDirectory
    package let echo: Execution
    package let relay: Execution
    /// Where the relay listens.
    package let port: UInt16

    /// Starts both, does `body`, ends both with `signal`.
    /// - Returns: How the relay ended.
    package static func during(
        _ arguments: [String], in directory: TemporaryDirectory, signal: Int32? = SIGINT,
        _ body: (RelayTrial) async throws -> Void = { _ in }
    ) async throws -> Execution.Ended {
        // One place for both: the echo has nothing to do but what the relay gives it.
        var ended: Execution.Ended?
        _ = try await Execution.during(["echo", "--port", "0"], in: directory) { echo in
            let target = try await port(in: echo, after: "answering on 127.0.0.1:")
            let relay = try Execution(
                ["relay", "--to", "127.0.0.1:\(target)"] + arguments, in: directory)
            do {
                let port = try await port(in: relay, after: "relaying 127.0.0.1:")
                try await body(
                    RelayTrial(directory: directory, echo: echo, relay: relay, port: port))
            } catch {
                echo.signal(SIGINT)
                throw error
            }
            if let signal { relay.signal(signal) }
            ended = try await relay.end()
            echo.signal(SIGINT)
        }
        guard let ended else { throw HarnessError("the relay did not end") }
        return ended
    }

    /// The port that a program says it has.
    private static func port(in execution: Execution, after mark: String) async throws -> UInt16 {
        func found() -> UInt16? {
            let text = execution.errorsSoFar
            guard let range = text.firstRange(of: mark), text.contains("\n") else { return nil }
            return UInt16(text[range.upperBound...].prefix { $0.isNumber })
        }
        _ = try await eventually(within: .seconds(30)) { found() != nil || !execution.isRunning }
        guard let port = found() else {
            throw HarnessError("it names no port: \(execution.errorsSoFar)")
        }
        return port
    }
}
