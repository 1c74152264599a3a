import Glibc

/// What /proc says about the processes of this machine (proc(5)).
package enum ProcessTable {
    /// A process by its number and the time of its start, which together name it for good.
    package struct Identity: Sendable, Hashable, CustomStringConvertible {
        package let pid: Int32
        package let startTicks: Int
        package let name: String

        package var description: String { "\(name) (\(pid))" }
        /// Whether it runs: a zombie does not.
        package var isAlive: Bool {
            guard let entry = ProcessTable.entry(pid) else { return false }
            return entry.identity.startTicks == startTicks && !"ZX".contains(entry.state)
        }
    }

    private struct Entry {
        let identity: Identity
        let state: Character
        let parent: Int32
    }

    /// The children of a process, theirs, and so on; parents before their children.
    package static func descendants(of pid: Int32) -> [Identity] {
        let all = TemporaryDirectory.names(in: "/proc").compactMap(Int32.init)
            .compactMap(entry)
        var found: [Identity] = []
        var parents: Set<Int32> = [pid]
        while true {
            let known = Set(found)
            let next = all.filter { parents.contains($0.parent) && !known.contains($0.identity) }
            if next.isEmpty { return found }
            found += next.map(\.identity)
            parents = Set(next.map(\.identity.pid))
        }
    }

    private static func entry(_ pid: Int32) -> Entry? {
        guard let bytes = try? TemporaryDirectory.read("/proc/\(pid)/stat") else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        // The name stands in brackets and may hold anything, brackets too.
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")") else {
            return nil
        }
        let fields = text[close...].dropFirst(2).split(separator: " ")
        guard fields.count > 19, let state = fields[0].first, let parent = Int32(fields[1]),
            let startTicks = Int(fields[19])
        else { return nil }
        let name = String(text[text.index(after: open)..<close])
        return Entry(
            identity: Identity(pid: pid, startTicks: startTicks, name: name), state: state,
            parent: parent)
    }
}

extension ProcessTable.Identity {
    /// Whether one of its threads has this name.
    package func hasThread(named name: String) -> Bool {
        TemporaryDirectory.names(in: "/proc/\(pid)/task").contains { task in
            let bytes = (try? TemporaryDirectory.read("/proc/\(pid)/task/\(task)/comm")) ?? []
            return String(decoding: bytes, as: UTF8.self) == name + "\n"
        }
    }
}

extension ProcessTable {
    /// Stops a process (SIGSTOP), and comes back when each of its threads has stopped: a signal is
    /// on its way when kill(2) returns.
    package static func stop(_ pid: Int32) async throws {
        kill(pid, SIGSTOP)
        let hasStopped = try await eventually {
            let tasks = "/proc/\(pid)/task"
            return TemporaryDirectory.names(in: tasks).allSatisfy { task in
                let text = (try? TemporaryDirectory.read("\(tasks)/\(task)/stat")) ?? []
                // The state comes after the name, which is in parentheses (proc(5)).
                let rest = text.split(separator: UInt8(ascii: ")")).last ?? []
                return rest.dropFirst().first == UInt8(ascii: "T")
            }
        }
        guard hasStopped else { throw HarnessError("process \(pid) does not stop") }
    }

    /// What a process has in memory.
    package static func residentKiB(_ pid: Int32) throws -> Int {
        let status = String(
            decoding: try TemporaryDirectory.read("/proc/\(pid)/status"), as: UTF8.self)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        guard let kiB = line?.split(separator: " ").compactMap({ Int($0) }).first else {
            throw HarnessError("/proc/\(pid)/status has no VmRSS")
        }
        return kiB
    }
}
