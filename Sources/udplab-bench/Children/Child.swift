import Datagrams
import Glibc

/// A program that the benchmark started: bounded in time and in output, and killed by the kernel
/// when the benchmark exits in any way.
final class Child {
    /// The maximum output, more than any leg produces.
    static let outputBytesMax = 4 << 20
    /// The time between SIGTERM and SIGKILL.
    static let patienceNs: Int64 = 5_000_000_000
    private static let lookEveryMs: Int32 = 50

    private let program: String
    private let pid: Int32
    private let reading: Int32
    private var ending: ProcessControl.Ending?
    /// The output so far, standard output and standard error together.
    private(set) var output: [UInt8] = []

    /// Starts a program.
    /// - Throws: ENOENT if there is no such program in PATH.
    init(_ arguments: [String]) throws(SystemFailure) {
        program = arguments.first ?? ""
        let pipe = try ProcessControl.pipe()
        defer { close(pipe.writing) }
        do throws(SystemFailure) {
            pid = try ProcessControl.spawnGuarded(arguments, output: pipe.writing)
        } catch {
            close(pipe.reading)
            throw error
        }
        reading = pipe.reading
    }

    deinit {
        stop(SIGTERM)
        close(reading)
    }

    var text: String { String(decoding: output, as: UTF8.self) }

    /// Waits for the exit of the program.
    /// - Throws: If the program has not exited after `seconds`; it is then stopped.
    func waitForEnd(seconds: Int) throws(BenchError) -> ProcessControl.Ending {
        let limitNs = LinuxClock().nowNs() + Int64(seconds) * 1_000_000_000
        while true {
            if let ending = look() { return ending }
            guard LinuxClock().nowNs() < limitNs else {
                stop(SIGTERM)
                throw BenchError("\(program) had not ended after \(seconds) s")
            }
        }
    }

    /// Waits until the program's output satisfies `isEnough`.
    func waitForOutput(
        seconds: Int, _ isEnough: (String) -> Bool
    ) throws(BenchError) {
        try wait(seconds: seconds) { isEnough(text) }
    }

    /// Waits until `isReady` returns true, which is called repeatedly.
    func wait(seconds: Int, until isReady: () -> Bool) throws(BenchError) {
        let limitNs = LinuxClock().nowNs() + Int64(seconds) * 1_000_000_000
        while !isReady() {
            if look() != nil {
                throw BenchError("\(program) ended too early\(lastWords)")
            }
            guard LinuxClock().nowNs() < limitNs else {
                throw BenchError("\(program) was not ready after \(seconds) s")
            }
        }
    }

    /// Ends the program: with `signal`, and with SIGKILL if that has no effect.
    func stop(_ signal: Int32) {
        if look(waiting: false) != nil { return }
        kill(pid, signal)
        let limitNs = LinuxClock().nowNs() + Self.patienceNs
        while look() == nil {
            if LinuxClock().nowNs() >= limitNs { kill(pid, SIGKILL) }
        }
    }

    /// The last lines of output, for a message about the program.
    var lastWords: String {
        let lines = text.split(whereSeparator: \.isNewline).suffix(3)
        return lines.isEmpty ? "" : ": " + lines.joined(separator: " | ")
    }

    /// Reads the program's output. Returns the ending if the program has exited.
    private func look(waiting: Bool = true) -> ProcessControl.Ending? {
        if let ending { return ending }
        var entry = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
        let found = poll(&entry, 1, waiting ? Self.lookEveryMs : 0)
        // At the end of its output the pipe is always ready: then the wait is for the process.
        let isClosed = found > 0 && !takeOutput()
        ending = ProcessControl.reap(pid)
        if ending != nil {
            _ = takeOutput()
        } else if isClosed, waiting {
            usleep(1_000)
        }
        return ending
    }

    /// Reads the output.
    /// - Returns: `false` at its end.
    private func takeOutput() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(reading, &buffer, buffer.count)
            if count <= 0 { return count < 0 }
            let room = Self.outputBytesMax - output.count
            output.append(contentsOf: buffer[..<min(count, room)])
        }
    }
}
