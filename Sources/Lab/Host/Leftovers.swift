import Datagrams
import Glibc

/// The processes, namespaces and interfaces that a killed run may have left on this host, found by
/// name: `udplab doctor --clean`.
///
/// Namespaces of a run have no name and end with its processes, so only a worker can be left, if it
/// cannot notice its runner's exit because it is stopped (SIGSTOP). Namespaces and interfaces with
/// udplab's names are searched for as well: no program but udplab uses them.
package enum Leftovers {
    package struct Leftover: Codable, Sendable, Equatable {
        package enum Kind: String, Codable, Sendable {
            case worker
            case namespace
            case interface
        }

        package let kind: Kind
        package let name: String
        /// The process id of a worker.
        package let pid: Int32?

        package var description: String {
            switch kind {
            case .worker: "process \(pid ?? 0) (\(name)), whose runner is gone"
            case .namespace: "network namespace \(name)"
            case .interface: "network interface \(name)"
            }
        }
    }

    /// The names of workers and their guards in /proc/PID/comm.
    private static let processNames: Set<String> = ["udplab-worker", "udplab-guard"]
    private static let namespaceFolder = "/run/netns"
    private static let interfaceFolder = "/sys/class/net"

    /// Returns all leftovers of this user.
    package static func find() -> [Leftover] {
        workers()
            + names(in: namespaceFolder).map { Leftover(kind: .namespace, name: $0, pid: nil) }
            + names(in: interfaceFolder).map { Leftover(kind: .interface, name: $0, pid: nil) }
    }

    /// Removes a leftover.
    /// - Throws: If the system refuses, with its error.
    package static func remove(_ leftover: Leftover) throws(SystemFailure) {
        switch leftover.kind {
        case .worker:
            guard let pid = leftover.pid, isOrphan(pid) else { return }
            if kill(pid, SIGKILL) != 0 {
                throw SystemFailure("kill", "\(pid)", SystemErrno(rawValue: errno))
            }
        case .namespace: try SystemProgram.run(["ip", "netns", "delete", leftover.name])
        case .interface: try SystemProgram.run(["ip", "link", "delete", "dev", leftover.name])
        }
    }

    private static func workers() -> [Leftover] {
        entries(of: "/proc").compactMap { Int32($0) }.filter(isOrphan).map {
            Leftover(kind: .worker, name: "udplab-worker", pid: $0)
        }
    }

    /// The programs that adopt processes whose parent has ended: prctl(2), PR_SET_CHILD_SUBREAPER.
    private static let reapers: Set<String> = ["systemd", "init", "tini", "dumb-init"]

    /// Whether a process is a worker of this user whose runner has ended.
    static func isOrphan(_ pid: Int32) -> Bool {
        guard let name = self.name(of: pid), processNames.contains(name),
            let status = KernelFile.text("/proc/\(pid)/status"),
            field("Uid", status)?.first == getuid(), let parent = field("PPid", status)?.first
        else { return false }
        // In a container a runner of udplab may be the first process.
        let isTakenOver = parent <= 1 || reapers.contains(self.name(of: Int32(parent)) ?? "")
        return isTakenOver && program(of: Int32(parent)) != program(of: pid)
    }

    private static func name(of pid: Int32) -> String? {
        KernelFile.text("/proc/\(pid)/comm").map { String($0.dropLast()) }
    }

    private static func field(_ name: String, _ status: String) -> [UInt32]? {
        let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().compactMap { UInt32($0) }
    }

    private static func program(of pid: Int32) -> String? {
        var bytes = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/\(pid)/exe", &bytes, bytes.count - 1)
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Returns the entries named `udplab` with a number, as udplab names its interfaces.
    private static func names(in folder: String) -> [String] {
        entries(of: folder).filter { name in
            let number = name.dropFirst("udplab".count)
            return name.hasPrefix("udplab") && !number.isEmpty && number.allSatisfy(\.isNumber)
        }.sorted()
    }

    private static func entries(of folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names.filter { !$0.hasPrefix(".") }
    }
}
