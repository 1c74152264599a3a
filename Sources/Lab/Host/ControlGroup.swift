import Datagrams
import Reports

/// A snapshot of the CPU time that control groups grant to this process, and of their throttling.
///
/// A quota holds for all groups below its own, so the effective quota is the smallest between the
/// process's group and the root. Version 2 has `cpu.max` and `cpu.stat`; version 1, still mounted
/// beside it on many hosts, `cpu.cfs_quota_us` and the like (Linux, admin-guide/cgroup-v2 and
/// scheduler/sched-bwc).
package struct ControlGroup: Sendable {
    /// The number and the duration of a group's throttled periods, since it was made.
    struct Throttling: Equatable, Sendable {
        var periods: Int
        var stoppedNs: Int
    }

    private enum Version { case one, two }

    /// The smallest quota in CPUs; nil without a quota.
    let processors: Double?
    /// The throttling of all groups with a quota together; nil without a quota, or if it is not
    /// reported.
    let throttling: Throttling?

    /// Reads the groups.
    /// - Parameter read: Returns the text of the file at a path, nil if there is none.
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

    /// Returns the quota from `150000 100000`, the quota and the period in microseconds; `max` or
    /// -1 is none.
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

    /// Returns the directories of groups that may have a quota: the process's own first, then its
    /// ancestors.
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
        // The fallback if the mounts cannot be read: the directory of every distribution.
        return found.isEmpty ? [("/sys/fs/cgroup", .two)] : found
    }

    /// Parses /proc/PID/cgroup (cgroups(7)): `0::/path` of version 2, `1:cpu,cpuacct:/path` of
    /// version 1.
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

    /// Parses /proc/PID/mountinfo (proc(5)): the fields before ` - ` end with root and mount point.
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

    /// Returns the directories of a group and of its ancestors, as far as they are mounted. In a
    /// container the group may lie outside the mount: then only the mount itself is visible.
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
    /// The current state for this process.
    static var current: ControlGroup { ControlGroup(reading: KernelFile.text) }

    /// Returns a sentence on the throttling since `earlier`; nil if none is known.
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
