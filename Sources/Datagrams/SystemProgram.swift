import Glibc

/// Runs a system program, such as ip(8), to its end.
///
/// Programs are used instead of netlink messages because ip, tc and nft know every version of the
/// kernel's attributes and describe its refusals; they run a dozen times before a run and never
/// during it.
package enum SystemProgram {
    /// The time limit: a program that takes longer hangs.
    static let patienceNs: Int64 = 10_000_000_000
    static let outputBytesMax = 4 << 20
    /// The folders of administrators' programs, which are not on a user's PATH.
    private static let folders = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin"]

    /// Returns the path of a program; `nil` if it is not installed.
    package static func path(_ name: String) -> String? {
        let listed = getenv("PATH").map { String(cString: $0).split(separator: ":") } ?? []
        let candidates = (listed.map(String.init) + folders).map { "\($0)/\(name)" }
        return candidates.first { $0.first == "/" && access($0, X_OK) == 0 }
    }

    /// Runs the program in the calling thread's namespaces.
    /// - Returns: The program's output, standard error included.
    /// - Throws: If the program is missing, fails or hangs: with the first line of its output.
    @discardableResult
    package static func run(_ words: [String]) throws(SystemFailure) -> String {
        let name = words.first ?? ""
        guard let path = path(name) else {
            throw SystemFailure(
                "cannot start", name, SystemErrno(rawValue: ENOENT),
                advice: "install it: Debian has ip and tc in iproute2, and nft in nftables")
        }
        let pipe = try ProcessControl.pipe()
        defer { close(pipe.reading) }
        let pid: Int32
        do throws(SystemFailure) {
            pid = try ProcessControl.spawnGuarded([path] + words.dropFirst(), output: pipe.writing)
            close(pipe.writing)
        } catch {
            close(pipe.writing)
            throw error
        }
        let (output, ending) = follow(pid, pipe.reading)
        guard ending?.exitCode == 0 else {
            let how = ending == nil ? "did not end" : output.split(separator: "\n").first
            throw SystemFailure(
                words.joined(separator: " "), "", SystemErrno(rawValue: EINVAL),
                reason: how.map(String.init) ?? "it failed without a word")
        }
        return output
    }

    /// Reads until the program has ended; a hanging program is killed.
    private static func follow(
        _ pid: Int32, _ reading: Int32
    ) -> (output: String, ending: ProcessControl.Ending?) {
        let untilNs = LinuxClock().nowNs() + patienceNs
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        var isOpen = true
        while isOpen, LinuxClock().nowNs() < untilNs {
            var entry = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
            let ready = poll(&entry, 1, 100)
            guard ready != 0 else { continue }
            // The reading end never blocks, so a refused poll is replaced by reading again.
            if ready < 0 { usleep(1_000) }
            let got = read(reading, &chunk, chunk.count)
            if got > 0, output.count < outputBytesMax { output += chunk[..<got] }
            isOpen = got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))
        }
        while LinuxClock().nowNs() < untilNs {
            if let ending = ProcessControl.reap(pid) {
                return (String(decoding: output, as: UTF8.self), ending)
            }
            usleep(200)
        }
        kill(pid, SIGKILL)
        while ProcessControl.reap(pid) == nil { usleep(1_000) }
        return (String(decoding: output, as: UTF8.self), nil)
    }
}
