import Glibc

/// A process that runs, or that has exited and is not yet reaped: its number is its own.
package protocol ChildProcess: Sendable {
    var pid: pid_t { get }

    /// Passes each chunk of a stream to `take`. Returns at the end of the stream.
    /// - Throws: Errors of the stream, and those of `take`.
    func read(
        _ stream: ChildStream, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) async throws
    /// Writes to standard input. Returns whether all bytes were written.
    func write(_ bytes: [UInt8]) async -> Bool
    /// Closes standard input.
    func closeInput() async throws

    /// Sends a signal to the process and its group. Returns `false` if there is no such group.
    @discardableResult
    func signal(_ number: Int32) -> Bool
    /// Returns the time of the last signal, of the runner's clock.
    /// - Parameter sentNs: The time just before it was sent.
    func timeOfSignal(sentNs: Int64) async -> Int64
    var hasExited: Bool { get }
    /// Whether job control or a tracer has stopped the process.
    var isStopped: Bool { get }
    /// The largest resident set so far in bytes; `nil` if unknown.
    var maxRssBytes: Int? { get }
    /// The usage after the exit.
    var usage: ChildUsage { get }
}

extension ChildProcess {
    package func timeOfSignal(sentNs: Int64) -> Int64 { sentNs }
}

package enum ChildStream: Sendable {
    case output, diagnostics
}

/// The end of a process: its exit, or a signal.
package enum ChildEnd: Sendable {
    case exited(Int32)
    case signalled(Int32)
}

/// The figures of a process between its exit and its reaping; `nil` if unknown.
package struct ChildUsage: Sendable {
    package var cpuSeconds: Double?
    package var coreDumped: Bool?
    /// The processes of its host that the kernel ended for want of memory while it ran.
    package var oomKills: Int?

    package init(cpuSeconds: Double? = nil, coreDumped: Bool? = nil, oomKills: Int? = nil) {
        self.cpuSeconds = cpuSeconds
        self.coreDumped = coreDumped
        self.oomKills = oomKills
    }
}
