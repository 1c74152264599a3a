import Reports

/// The processor time that control groups grant to this process, and how often they stopped it.
///
/// It is a snapshot. A quota holds for all groups below its own, so that of the process is not the
/// only one that counts: the smallest between it and the root does. Version 2 has `cpu.max` and
/// `cpu.stat`; version 1, still mounted beside it on many hosts, `cpu.cfs_quota_us` and the like
/// (Linux, admin-guide/cgroup-v2 and scheduler/sched-bwc).
struct ControlGroup: Sendable {
    /// How often and for how long a group had no time left, since it was made.
    struct Throttling: Equatable, Sendable {
        var periods: Int
        var stoppedNs: Int
    }

    private enum Version { case one, two }

    /// Processors' worth of time: the smallest quota; nil where there is none.
    let processors: Double?
    /// Of all groups with a quota together; nil where there is none, or it does not say.
    let throttling: Throttling?

    /// - Parameter read: The text of the file at a path, nil where there is none.
    init(reading read: (String) -> String?) {
        let groups = Self.directories(read).compactMap { path, version in
            Self.quota(path, version, read).map { ($0, Self.throttling(path, version, read)) }
        }
        processors = groups.map(\.0).min()
        throttling = groups.compactMap(\.1).reduce(nil) { sum, next in
            Throttling(
                periods: (sum?.periods ?? 0) + next.periods,
                stoppedNs: (sum?.stoppedNs ?? 0) + next.stoppedNs)
        }
    }

    // MARK: - One group

    /// `150000 100000`, the quota and the period in microseconds; `max` or -1 is none.
    private static func quota(
        _ path: String, _ version: Version, _ read: (String) -> String?
    ) -> Double? {
        let files =
            switch version {
            case .two: ["cpu.max"]
            case .one: ["cpu.cfs_quota_us", "cpu.cfs_period_us"]
            }
        let text = files.map { read("\(path)/\($0)") ?? "" }.joined(separator: " ")
        let numbers = text.split(whereSeparator: \.isWhitespace).map { Double($0) }
        guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], quota > 0,
            period > 0
        else { return nil }
        return quota / period
    }

    private static func throttling(
        _ path: String, _ version: Version, _ read: (String) -> String?
    ) -> Throttling? {
        let lines = (read("\(path)/cpu.stat") ?? "").split(separator: "\n").map {
            $0.split(separator: " ")
        }
        func value(_ name: String) -> Int? {
            lines.first { $0.count == 2 && $0[0] == name }.flatMap { Int($0[1]) }
        }
        let (time, unitNs) =
            switch version {
            case .two: (value("throttled_usec"), 1_000)
            case .one: (value("throttled_time"), 1)
            }
        guard let periods = value("nr_throttled"), let time else { return nil }
        let (stoppedNs, overflow) = time.multipliedReportingOverflow(by: unitNs)
        return overflow ? nil : Throttling(periods: periods, stoppedNs: stoppedNs)
    }

    // MARK: - Where groups are

    /// Of groups that may have a quota: the process's own first, then those above it.
    private static func directories(
        _ read: (String) -> String?
    ) -> [(path: String, version: Version)] {
        let groups = groups(read("/proc/self/cgroup") ?? "")
        let mounts = mounts(read("/proc/self/mountinfo") ?? "")
        let found = [(Version.two, groups.two), (.one, groups.one)].flatMap { version, group in
            guard let group, let mount = mounts.first(where: { $0.version == version }) else {
                return [(path: String, version: Version)]()
            }
            return lineage(of: group, root: mount.root, at: mount.point).map { ($0, version) }
        }
        // Where the mounts cannot be read: the place that every distribution has.
        return found.isEmpty ? [("/sys/fs/cgroup", .two)] : found
    }

    /// cgroups(7), /proc/PID/cgroup: `0::/path` of version 2, `1:cpu,cpuacct:/path` of version 1.
    private static func groups(_ text: String) -> (one: String?, two: String?) {
        var groups: (one: String?, two: String?)
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            if parts[0] == "0", parts[1].isEmpty { groups.two = String(parts[2]) }
            if parts[1].split(separator: ",").contains("cpu") { groups.one = String(parts[2]) }
        }
        return groups
    }

    /// proc(5), /proc/PID/mountinfo: the fields before ` - ` end with root and mount point.
    private static func mounts(
        _ text: String
    ) -> [(version: Version, root: String, point: String)] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard let dash = words.firstIndex(of: "-"), dash > 4, words.count > dash + 3 else {
                return nil
            }
            switch words[dash + 1] {
            case "cgroup2": return (.two, words[3], words[4])
            case "cgroup" where words[dash + 3].split(separator: ",").contains("cpu"):
                return (.one, words[3], words[4])
            default: return nil
            }
        }
    }

    /// The directory of a group and of all above it, as far as they are mounted. In a container the
    /// group may lie outside of what is mounted: then only the mount itself is seen.
    private static func lineage(of group: String, root: String, at point: String) -> [String] {
        var below = group
        if root != "/" {
            below =
                group == root || group.hasPrefix(root + "/")
                ? String(group.dropFirst(root.count)) : ""
        }
        let names = below.split(separator: "/")
        guard !names.contains("..") else { return [point] }
        return (0...names.count).reversed().map { count in
            ([point] + names.prefix(count).map(String.init)).joined(separator: "/")
        }
    }
}

extension ControlGroup {
    /// That of this process, as it is now.
    static var current: ControlGroup { ControlGroup(reading: BoundedFile.text) }

    /// A sentence on what a quota did since then; nil where it did nothing that is known.
    func note(since earlier: ControlGroup) -> String? {
        guard let processors, let now = throttling, let then = earlier.throttling,
            now.periods > then.periods
        else { return nil }
        let periods = now.periods - then.periods
        let times = periods == 1 ? "once" : "\(UnitText.count(periods)) times"
        return "this process's control group has \(Doctor.tenths(processors)) processors' time and "
            + "stopped its threads \(times), together for "
            + "\(UnitText.time(ns: now.stoppedNs - then.stoppedNs)): what was late or skipped then "
            + "is this host's doing (cgroups(7), cpu.max)"
    }
}
