import Datagrams
import JSON
import Testing

@testable import Lab

@Suite struct HostFactsTests {
    private func facts(_ files: [String: String]) -> HostFacts {
        var facts = HostFacts()
        facts.readFiles { files[$0] }
        return facts
    }

    @Test func whatIsMissingIsUnknownAndNotZero() {
        #expect(facts([:]) == HostFacts())
    }

    @Test func garbageIsUnknownToo() {
        let garbage = facts([
            "/proc/cpuinfo": "::::\n:\n\n", "/proc/meminfo": "MemTotal: lots kB\n",
            "/proc/loadavg": "", "/sys/fs/cgroup/cpu.max": "max 100000\n",
            "/proc/sys/net/core/rmem_max": "-\n", "/proc/self/status": "CapEff:\txyz\n",
        ])
        #expect(garbage == HostFacts())
    }

    @Test func theFilesOfAnX86Machine() {
        let facts = facts([
            "/proc/cpuinfo": """
            processor\t: 0
            model name\t: Intel(R)  Xeon(R) CPU
            flags\t\t: fpu vme hypervisor lm

            """,
            "/proc/meminfo": "MemTotal:        2048 kB\nMemFree: 1 kB\n",
            "/proc/loadavg": "0.52 0.58 0.59 1/467 12345\n",
            "/sys/fs/cgroup/cpu.max": "150000 100000\n",
            "/sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc\n",
            "/proc/sys/net/core/rmem_max": "212992\n",
            "/proc/sys/net/ipv4/icmp_ratelimit": "1000\n",
            "/proc/self/timerslack_ns": "50000\n",
        ])
        #expect(facts.cpuModel == "Intel(R) Xeon(R) CPU")
        #expect(facts.isVirtualMachine == true)
        #expect(facts.memoryBytes == 2 << 20)
        #expect(facts.loadAverage == 0.52)
        #expect(facts.cpuQuota == 1.5)
        #expect(facts.clockSource == "tsc")
        #expect(facts.rmemMax == 212_992)
        #expect(facts.icmpRatelimit == 1000)
        #expect(facts.timerSlackNs == 50_000)
    }

    @Test func capabilitiesAreReadFromTheEffectiveSet() {
        let all = facts(["/proc/self/status": "CapInh:\t0\nCapEff:\t000001ffffffffff\n"])
        #expect(all.canAdministerNetwork == true && all.canAdministerSystem == true)
        let netOnly = facts(["/proc/self/status": "CapEff:\t0000000000001000\n"])
        #expect(netOnly.canAdministerNetwork == true)
        #expect(netOnly.canAdministerSystem == false)
        #expect(netOnly.canBindPrivilegedPorts == false)
    }

    @Test(
        "user namespaces are forbidden by any one of three switches",
        arguments: [
            ("15000", nil, nil, true), ("0", nil, nil, false), ("15000", "0", nil, false),
            ("15000", "1", "1", false), ("15000", "1", "0", true),
        ] as [(String, String?, String?, Bool)])
    func userNamespaces(maximum: String, debian: String?, ubuntu: String?, expected: Bool) {
        var files = ["/proc/sys/user/max_user_namespaces": maximum]
        files["/proc/sys/kernel/unprivileged_userns_clone"] = debian
        files["/proc/sys/kernel/apparmor_restrict_unprivileged_userns"] = ubuntu
        #expect(facts(files).userNamespaces == expected)
    }

    @Test func containersAreKnownByTheirSigns() {
        #expect(facts(["/.dockerenv": ""]).container == "docker")
        #expect(facts(["/run/.containerenv": ""]).container == "podman")
        #expect(facts(["/proc/1/environ": "A=b\0container=lxc\0"]).container == "lxc")
    }

    @Test func thisMachineHasAKernelAndAProcessor() throws {
        let facts = HostFacts.read()
        #expect(facts.kernel?.isEmpty == false)
        #expect(try #require(facts.cpusAllowed) >= 1)
        #expect(facts.clockResolutionNs != nil)
        #expect(facts.errorQueue == true)
    }

    @Test func factsSurviveTheirJSON() throws {
        let facts = HostFacts.read()
        let value = try JSONCoding.encode(facts)
        #expect(try JSONCoding.decode(HostFacts.self, from: value) == facts)
        #expect(value["rmem_max"] != nil)
    }

    @Test func aFileIsReadUpToABound() {
        #expect(KernelFile.text("/dev/zero")?.utf8.count == KernelFile.bytesMax)
        #expect(KernelFile.text("/") == nil)
        #expect(KernelFile.text("/nonexistent") == nil)
    }
}
