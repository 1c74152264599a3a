import Testing

@testable import Lab

@Suite("The quota of control groups") struct ControlGroupTests {
    private static let mountOfTwo =
        "41 31 0:38 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw\n"
    private static let mountOfOne =
        "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"

    private func group(_ files: [String: String]) -> ControlGroup {
        ControlGroup { files[$0] }
    }

    @Test("version 2: the smallest quota between the process's group and the root holds")
    func smallestOfAll() {
        let group = group([
            "/proc/self/cgroup": "0::/system.slice/ci.service/job\n",
            "/proc/self/mountinfo": Self.mountOfTwo,
            "/sys/fs/cgroup/system.slice/ci.service/job/cpu.max": "max 100000\n",
            "/sys/fs/cgroup/system.slice/ci.service/cpu.max": "50000 100000\n",
            "/sys/fs/cgroup/system.slice/ci.service/cpu.stat":
                "usage_usec 9\nnr_periods 40\nnr_throttled 7\nthrottled_usec 250000\n",
            "/sys/fs/cgroup/system.slice/cpu.max": "300000 100000\n",
            "/sys/fs/cgroup/system.slice/cpu.stat": "nr_throttled 1\nthrottled_usec 5\n",
        ])
        #expect(group.processors == 0.5)
        #expect(group.throttling == .init(periods: 8, stoppedNs: 250_005_000))
    }

    @Test("version 1 has other names and nanoseconds")
    func versionOne() {
        let group = group([
            "/proc/self/cgroup": "2:cpu,cpuacct:/docker/12ab\n0::/elsewhere\n",
            "/proc/self/mountinfo": Self.mountOfOne,
            "/sys/fs/cgroup/cpu,cpuacct/docker/12ab/cpu.cfs_quota_us": "150000\n",
            "/sys/fs/cgroup/cpu,cpuacct/docker/12ab/cpu.cfs_period_us": "100000\n",
            "/sys/fs/cgroup/cpu,cpuacct/docker/12ab/cpu.stat":
                "nr_periods 5\nnr_throttled 2\nthrottled_time 77\n",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        ])
        #expect(group.processors == 1.5)
        #expect(group.throttling == .init(periods: 2, stoppedNs: 77))
    }

    @Test("in a container the mount may begin below the root")
    func container() {
        let group = group([
            "/proc/self/cgroup": "0::/../other\n",
            "/proc/self/mountinfo":
                "9 8 0:3 /kubepods/pod1 /sys/fs/cgroup ro - cgroup2 cgroup ro\n",
            "/sys/fs/cgroup/cpu.max": "200000 100000\n",
        ])
        #expect(group.processors == 2)
        #expect(group.throttling == nil)
    }

    @Test(
        "without a quota, and of garbage, nothing is known",
        arguments: [
            [:], ["/sys/fs/cgroup/cpu.max": "max 100000\n"],
            ["/sys/fs/cgroup/cpu.max": "0 0\n"], ["/sys/fs/cgroup/cpu.max": "a b c\n"],
            ["/proc/self/cgroup": "::::\n:\n", "/proc/self/mountinfo": " - \n- cgroup2\n"],
        ])
    func nothing(files: [String: String]) {
        let group = group(files)
        #expect(group.processors == nil)
        #expect(group.throttling == nil)
        #expect(group.note(since: group) == nil)
    }

    @Test("what a quota did in a run is a sentence with its figures")
    func note() {
        func at(_ periods: Int, _ us: Int) -> ControlGroup {
            group([
                "/sys/fs/cgroup/cpu.max": "150000 100000\n",
                "/sys/fs/cgroup/cpu.stat": "nr_throttled \(periods)\nthrottled_usec \(us)\n",
            ])
        }
        #expect(at(3, 500).note(since: at(3, 500)) == nil)
        let note = at(5, 200_500).note(since: at(3, 500)) ?? ""
        #expect(note.contains("1.5 processors' time"), "\(note)")
        #expect(note.contains("2 times, together for 200 ms"), "\(note)")
    }
}
