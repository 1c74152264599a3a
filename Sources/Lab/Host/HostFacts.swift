import Datagrams
import Glibc

/// What about this machine bears on UDP figures. Every fact is `nil` where it could not be read,
/// which is not the same as zero or no.
package struct HostFacts: Codable, Sendable, Equatable {
    /// uname(2): the release, such as `6.1.0-18-amd64`.
    package var kernel: String?
    /// uname(2): the hardware, such as `x86_64`.
    package var architecture: String?
    /// Processors that are online.
    package var cpus: Int?
    /// Processors that this process may use: sched_getaffinity(2).
    package var cpusAllowed: Int?
    /// Processors' worth of time that the control group, or one above it, grants: see
    /// `ControlGroup`.
    package var cpuQuota: Double?
    /// In how many periods that was used up and all threads were stopped, since the group was made.
    package var cpuThrottledPeriods: Int?
    package var cpuModel: String?
    /// cpufreq: `performance`, `powersave`, …
    package var cpuGovernor: String?
    /// Whether a hypervisor says that it is there.
    package var isVirtualMachine: Bool?
    /// `docker`, `podman`, `kubernetes` or `lxc`, as far as they leave a sign.
    package var container: String?
    package var memoryBytes: Int?
    /// The load average of the last minute: proc(5), `/proc/loadavg`.
    package var loadAverage: Double?

    /// net.core.rmem_max in bytes: the largest receive buffer that a program may ask for.
    package var rmemMax: Int?
    /// net.core.rmem_default in bytes.
    package var rmemDefault: Int?
    /// net.core.wmem_max in bytes.
    package var wmemMax: Int?
    /// net.ipv4.icmp_ratelimit in milliseconds between two errors to one peer; 0 is no limit.
    package var icmpRatelimit: Int?
    /// net.ipv4.icmp_msgs_per_sec: ICMP messages of the whole host, a second.
    package var icmpMsgsPerSec: Int?
    /// net.ipv4.ip_unprivileged_port_start: the lowest port that anybody may bind.
    package var unprivilegedPortStart: Int?

    package var clockSource: String?
    /// clock_getres(2) of CLOCK_MONOTONIC.
    package var clockResolutionNs: Int?
    /// prctl(2), PR_GET_TIMERSLACK.
    package var timerSlackNs: Int?
    /// getrlimit(2), RLIMIT_NOFILE: open files that this process may have.
    package var openFilesMax: Int?
    /// The same: as far as the process may raise it itself.
    package var openFilesHardMax: Int?

    package var isRoot: Bool?
    /// capabilities(7), CAP_NET_ADMIN, effective.
    package var canAdministerNetwork: Bool?
    /// CAP_SYS_ADMIN, effective: network namespaces can be made without a user namespace.
    package var canAdministerSystem: Bool?
    /// CAP_NET_BIND_SERVICE, effective.
    package var canBindPrivilegedPorts: Bool?
    /// Whether an unprivileged process may make user namespaces, by the sysctls that forbid it.
    package var userNamespaces: Bool?

    /// sendmmsg(2) and recvmmsg(2), by trying them: whether several datagrams go with one call.
    package var sendmmsg: Bool?
    package var recvmmsg: Bool?
    /// How the program waits for its sockets: `epoll_pwait2`, or what makes up for it.
    package var waitCall: String?
    /// SO_MEMINFO, by trying it on a socket: whether the kernel counts what full buffers refuse.
    package var receiveDrops: Bool?
    /// UDP_SEGMENT, by trying it on a socket: udp(7), Linux 4.18.
    package var udpSegment: Bool?
    /// UDP_GRO, likewise: Linux 5.0.
    package var udpGro: Bool?
    /// SO_TIMESTAMPNS, likewise: socket(7).
    package var receiveTimestamps: Bool?
    /// IP_RECVERR, likewise: ip(7).
    package var errorQueue: Bool?
    /// SO_RCVBUFFORCE, likewise: buffers past rmem_max.
    package var receiveBufferForce: Bool?
    /// Whether a socket can be bound to `::1`.
    package var ipv6Loopback: Bool?
    /// What can be made of networks of kind `namespace`; only where somebody asked for it, because
    /// it takes a few processes to find out.
    package var namespaces: NamespaceSupport?

    package init() {}
}

extension HostFacts {
    /// The facts of this machine, as this process may see them.
    package static func read() -> HostFacts {
        var facts = HostFacts()
        facts.readFiles(BoundedFile.text)
        facts.readCalls()
        facts.tryOptions()
        return facts
    }

    /// The part of the facts that stands in files.
    static func readingFiles() -> HostFacts {
        var facts = HostFacts()
        facts.readFiles(BoundedFile.text)
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
        var files = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0 {
            openFilesMax = Int(clamping: files.rlim_cur)
            openFilesHardMax = Int(clamping: files.rlim_max)
        }
    }

    /// A field of `utsname`: an array of C characters, which Swift shows as a tuple.
    private static func text<Field>(_ field: inout Field) -> String {
        withUnsafeBytes(of: &field) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// What documents and versions promise, a kernel may have been built without; so each option
    /// is set on a socket that is never used.
    private mutating func tryOptions() {
        sendmmsg = MessageCalls.current.sendmmsg == nil
        recvmmsg = MessageCalls.current.recvmmsg == nil
        waitCall = "\(Readiness.WaitCall.current)"
        if let socket = try? DatagramSocket(family: .ipv4) {
            // Any size below the MTU of the loopback interface does.
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
