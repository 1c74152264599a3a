import Datagrams
import Glibc

/// The properties of this machine that influence UDP figures. A fact is `nil` if it could not be
/// read, which is not the same as zero or no.
package struct HostFacts: Codable, Sendable, Equatable {
    /// uname(2): the release, such as `6.1.0-18-amd64`.
    package var kernel: String?
    /// uname(2): the hardware, such as `x86_64`.
    package var architecture: String?
    /// Processors that are online.
    package var cpus: Int?
    /// Processors that this process may use: sched_getaffinity(2).
    package var cpusAllowed: Int?
    /// The CPUs granted by the quota of the control group or its ancestors: see `ControlGroup`.
    package var cpuQuota: Double?
    /// The number of periods in which the quota was used up and all threads were stopped, since the
    /// group was made.
    package var cpuThrottledPeriods: Int?
    package var cpuModel: String?
    /// cpufreq: `performance`, `powersave`, …
    package var cpuGovernor: String?
    /// Whether the CPU reports a hypervisor.
    package var isVirtualMachine: Bool?
    /// The container, `docker`, `podman`, `kubernetes` or `lxc`, as far as it is recognisable.
    package var container: String?
    package var memoryBytes: Int?
    /// The load average of the last minute: proc(5), `/proc/loadavg`.
    package var loadAverage: Double?

    /// net.core.rmem_max in bytes: the largest receive buffer that a program may request.
    package var rmemMax: Int?
    /// net.core.rmem_default in bytes.
    package var rmemDefault: Int?
    /// net.core.wmem_max in bytes.
    package var wmemMax: Int?
    /// net.ipv4.icmp_ratelimit in milliseconds between two errors to one peer; 0 is no limit.
    package var icmpRatelimit: Int?
    /// net.ipv4.icmp_msgs_per_sec: ICMP messages of the whole host per second.
    package var icmpMsgsPerSec: Int?
    /// net.ipv4.ip_unprivileged_port_start: the lowest port that every user may bind.
    package var unprivilegedPortStart: Int?

    package var clockSource: String?
    /// The clock sources that this kernel could use.
    package var clockSources: [String]?
    /// clock_getres(2) of CLOCK_MONOTONIC.
    package var clockResolutionNs: Int?
    /// prctl(2), PR_GET_TIMERSLACK.
    package var timerSlackNs: Int?
    /// getrlimit(2), RLIMIT_NOFILE: the open files that this process may have.
    package var openFilesMax: Int?
    /// The hard limit of open files, to which the process may raise the soft limit.
    package var openFilesHardMax: Int?
    /// RLIMIT_NPROC: the processes and threads that this user may have, and the hard limit.
    package var processesMax: Int?
    package var processesHardMax: Int?

    package var isRoot: Bool?
    /// capabilities(7), CAP_NET_ADMIN, effective.
    package var canAdministerNetwork: Bool?
    /// CAP_SYS_ADMIN, effective: network namespaces can be made without a user namespace.
    package var canAdministerSystem: Bool?
    /// CAP_NET_BIND_SERVICE, effective.
    package var canBindPrivilegedPorts: Bool?
    /// Whether an unprivileged process may make user namespaces, by the sysctls that forbid it.
    package var userNamespaces: Bool?
    /// The assignments to sysctls that would permit user namespaces; empty if none forbids them.
    package var userNamespaceSettings: [String]?
    /// Whether /proc/sys is mounted read-only, as in most containers.
    package var areSysctlsReadOnly: Bool?
    /// The program that installs packages here: see `installers`.
    package var installer: String?
    package var programPath: String?

    /// sendmmsg(2) and recvmmsg(2), as found by trying them: whether one call carries several
    /// datagrams.
    package var sendmmsg: Bool?
    package var recvmmsg: Bool?
    /// The call with which the program waits for its sockets: `epoll_pwait2`, or its replacement.
    package var waitCall: String?
    /// SO_MEMINFO, as found by trying it on a socket: whether the kernel counts drops of full
    /// buffers.
    package var receiveDrops: Bool?
    /// UDP_SEGMENT, as found by trying it on a socket: udp(7), Linux 4.18.
    package var udpSegment: Bool?
    /// UDP_GRO, as found by trying it: Linux 5.0.
    package var udpGro: Bool?
    /// SO_TIMESTAMPNS, as found by trying it: socket(7).
    package var receiveTimestamps: Bool?
    /// IP_RECVERR, as found by trying it: ip(7).
    package var errorQueue: Bool?
    /// SO_RCVBUFFORCE, as found by trying it: buffers above rmem_max.
    package var receiveBufferForce: Bool?
    /// Whether a socket can be bound to `::1`.
    package var ipv6Loopback: Bool?
    /// net.ipv6.conf.lo.disable_ipv6; nil without IPv6 in the kernel.
    package var ipv6Disabled: Int?
    /// The support of networks of kind `namespace`; only on request, because the attempt starts a
    /// few processes.
    package var namespaces: NamespaceSupport?

    package init() {}
}

extension HostFacts {
    /// Returns the facts of this machine, as far as this process can read them.
    package static func read() -> HostFacts {
        var facts = HostFacts()
        facts.readFiles(KernelFile.text)
        facts.readCalls()
        facts.tryOptions()
        return facts
    }

    /// Returns the facts that are read from files.
    static func readingFiles() -> HostFacts {
        var facts = HostFacts()
        facts.readFiles(KernelFile.text)
        return facts
    }

    private mutating func readCalls() {
        var names = utsname()
        if uname(&names) == 0 {
            kernel = Self.text(&names.release)
            architecture = Self.text(&names.machine)
        }
        let online = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        cpus = online > 0 ? online : nil
        let allowed = DataThread.allowedCPUs().count
        cpusAllowed = allowed > 0 ? allowed : nil
        clockResolutionNs = Int(LinuxClock.resolutionNs)
        isRoot = geteuid() == 0
        (openFilesMax, openFilesHardMax) = Self.limits(RLIMIT_NOFILE)
        (processesMax, processesHardMax) = Self.limits(__RLIMIT_NPROC)
        var mount = statvfs()
        if statvfs("/proc/sys", &mount) == 0 {
            areSysctlsReadOnly = mount.f_flag & UInt(ST_RDONLY) != 0
        }
        installer = Self.installers.first { SystemProgram.path($0) != nil }
        programPath = ProcessArguments.programPath
    }

    private static func limits(_ resource: __rlimit_resource) -> (soft: Int?, hard: Int?) {
        var limits = rlimit()
        guard getrlimit(__rlimit_resource_t(resource.rawValue), &limits) == 0 else {
            return (nil, nil)
        }
        return (Int(clamping: limits.rlim_cur), Int(clamping: limits.rlim_max))
    }

    /// Returns a field of `utsname`: an array of C characters, which Swift imports as a tuple.
    private static func text<Field>(_ field: inout Field) -> String {
        withUnsafeBytes(of: &field) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// Tries each option on a socket that is never used, because a kernel may have been built
    /// without a feature that its version documents.
    private mutating func tryOptions() {
        sendmmsg = MessageCalls.current.sendmmsg == nil
        recvmmsg = MessageCalls.current.recvmmsg == nil
        waitCall = "\(Readiness.WaitCall.current)"
        if let socket = try? DatagramSocket(family: .ipv4) {
            // Any size below the MTU of the loopback interface will do.
            udpSegment = socket.set(.segment, to: 1200) == nil
            udpGro = socket.set(.receiveOffload, to: 1) == nil
            receiveTimestamps = socket.set(.timestampsNs, to: 1) == nil
            errorQueue = socket.reportErrors() == nil
            receiveDrops = socket.receiveDrops() != nil
            receiveBufferForce = socket.set(.receiveBufferForced, to: 1 << 16) == nil
        }
        ipv6Loopback = Self.canBindIPv6Loopback()
    }

    private static func canBindIPv6Loopback() -> Bool {
        let octets = [UInt8](repeating: 0, count: 15) + [1]
        guard let address = SocketAddress(octets: octets, port: 0) else { return false }
        do {
            let socket = try DatagramSocket(family: .ipv6)
            try socket.bind(to: address)
            return true
        } catch {
            return false
        }
    }
}
