import Datagrams
import Glibc

/// The processes of a group as reported by proc(5).
package struct GroupFacts: Sendable, Equatable {
    /// The resident sets of all processes, in bytes; `nil` if none can be read. Shared pages count
    /// for each process.
    package var residentBytes: Int?
    /// The open files of all processes; `nil` if none can be examined.
    package var descriptors: Int?
    /// Whether one of the processes runs, or waits for a CPU or a disk (states R and D) instead of
    /// a datagram.
    package var isRunnable = false

    package init() {}

    /// Reads the facts of a group of this host; without any process nothing is known.
    package static func read(group: pid_t) -> GroupFacts {
        var facts = GroupFacts()
        for pid in processes() {
            guard let fields = fields(of: pid), fields.group == group else { continue }
            facts.isRunnable = facts.isRunnable || fields.state == "R" || fields.state == "D"
            if let text = KernelFile.text("/proc/\(pid)/status"),
                let kibibytes = KernelFile.kibibytes(of: "VmRSS", in: text)
            {
                facts.residentBytes = (facts.residentBytes ?? 0) + kibibytes * 1_024
            }
            if let open = entries(of: "/proc/\(pid)/fd") {
                facts.descriptors = (facts.descriptors ?? 0) + open.count
            }
        }
        return facts
    }

    private static func processes() -> [pid_t] {
        (entries(of: "/proc") ?? []).compactMap { pid_t($0) }
    }

    /// Returns the names in a folder; `nil` if it cannot be read.
    private static func entries(of folder: String) -> [String]? {
        guard let stream = opendir(folder) else { return nil }
        defer { closedir(stream) }
        var found: [String] = []
        while let entry = readdir(stream) {
            found.append(
                withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return found
    }

    /// Returns fields 3 and 5 of /proc/PID/stat, counted from behind the name in brackets.
    private static func fields(of pid: pid_t) -> (state: Substring, group: pid_t)? {
        guard let text = KernelFile.text("/proc/\(pid)/stat"),
            let bracket = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[bracket...].split(separator: " ")
        guard fields.count > 3, let group = pid_t(fields[3]) else { return nil }
        return (fields[1], group)
    }
}
