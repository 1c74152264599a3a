import Datagrams
import Glibc

/// The processes of a group as reported by proc(5).
enum ServerProcesses {
    /// Returns the resident sets of all processes of the group, in bytes; `nil` if there is none.
    /// Shared pages count for each process.
    static func residentBytes(group: Int32) -> Int? {
        var total: Int?
        for pid in processes() where self.fields(of: pid)?.group == group {
            guard let text = KernelFile.text("/proc/\(pid)/status"),
                let kibibytes = KernelFile.kibibytes(of: "VmRSS", in: text)
            else { continue }
            total = (total ?? 0) + kibibytes * 1_024
        }
        return total
    }

    /// Returns the open files of all processes of the group; `nil` if none can be examined.
    static func descriptors(group: Int32) -> Int? {
        var total: Int?
        for pid in processes() where fields(of: pid)?.group == group {
            guard let stream = opendir("/proc/\(pid)/fd") else { continue }
            defer { closedir(stream) }
            while readdir(stream) != nil { total = (total ?? 0) + 1 }
        }
        return total
    }

    private static func processes() -> [Int32] {
        guard let stream = opendir("/proc") else { return [] }
        defer { closedir(stream) }
        var found: [Int32] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let pid = Int32(name) { found.append(pid) }
        }
        return found
    }

    /// Whether one of the processes runs, or waits for a CPU or a disk (states R and D) instead of
    /// a datagram.
    static func areRunnable(group: Int32) -> Bool {
        processes().contains { pid in
            guard let fields = fields(of: pid), fields.group == group else { return false }
            return fields.state == "R" || fields.state == "D"
        }
    }

    /// Returns fields 3 and 5 of /proc/PID/stat, counted from behind the name in brackets.
    private static func fields(of pid: Int32) -> (state: Substring, group: Int32)? {
        guard let text = KernelFile.text("/proc/\(pid)/stat"),
            let bracket = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[bracket...].split(separator: " ")
        guard fields.count > 3, let group = Int32(fields[3]) else { return nil }
        return (fields[1], group)
    }
}
