@testable import Lab

extension HostFacts {
    /// A machine on which nothing stands in the way.
    static var unobstructed: HostFacts {
        var facts = HostFacts()
        facts.kernel = "6.1.0-18-amd64"
        facts.architecture = "x86_64"
        facts.cpus = 8
        facts.cpusAllowed = 8
        facts.cpuModel = "Some CPU"
        facts.cpuGovernor = "performance"
        facts.isVirtualMachine = false
        facts.loadAverage = 0.1
        facts.rmemMax = 8 << 20
        facts.icmpRatelimit = 0
        facts.unprivilegedPortStart = 0
        facts.clockSource = "tsc"
        facts.clockResolutionNs = 1
        facts.timerSlackNs = 50_000
        facts.openFilesMax = 65_536
        facts.canBindPrivilegedPorts = false
        facts.canAdministerSystem = false
        facts.userNamespaces = true
        facts.receiveDrops = true
        facts.sendmmsg = true
        facts.recvmmsg = true
        facts.waitCall = "epoll_pwait2"
        facts.udpSegment = true
        facts.udpGro = true
        facts.receiveTimestamps = true
        facts.errorQueue = true
        facts.receiveBufferForce = false
        facts.ipv6Loopback = true
        return facts
    }
}
