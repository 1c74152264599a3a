import Glibc

/// What the processes of a group occupy, as proc(5) says.
enum GroupMemory {
    /// The resident sets of all processes of the group, in bytes; `nil` when none is there.
    /// Pages that they share count for each.
    static func residentBytes(group: Int32) -> Int? {
        var total: Int?
        for pid in processes() where self.group(of: pid) == group {
            guard let text = BoundedFile.text("/proc/\(pid)/status"),
                let kibibytes = BoundedFile.kibibytes(of: "VmRSS", in: text)
            else { continue }
            total = (total ?? 0) + kibibytes * 1_024
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

    /// Field 5 of /proc/PID/stat, counted from behind the name in brackets.
    private static func group(of pid: Int32) -> Int32? {
        guard let text = BoundedFile.text("/proc/\(pid)/stat"),
            let bracket = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[bracket...].split(separator: " ")
        return fields.count > 3 ? Int32(fields[3]) : nil
    }
}
