/// The commands that mend a machine with these facts. In a container a command takes effect at its
/// start, or on the host outside, as far as the container keeps it from having one inside.
extension HostFacts {
    /// The programs whose `run` starts a container.
    private static let engines: Set<String> = ["docker", "podman"]

    /// Whether /proc/sys is that of a container which must not change it.
    private var isConfined: Bool { container != nil && areSysctlsReadOnly != false }

    /// Returns the start of this container with further flags.
    private func start(_ flags: String) -> Remedy {
        guard let container, Self.engines.contains(container) else {
            return .none("the container would have to be started with \(flags) or its like")
        }
        return .command("\(container) run \(flags) IMAGE", .container, needsRoot: false)
    }

    private static func added(_ line: String, to file: String) -> String {
        "echo '\(line)' >> \(file)"
    }

    /// Returns the settings of several sysctls, a line each.
    private static func added(_ assignments: [String], to file: String) -> String {
        "printf '%s\\n' \(assignments.joined(separator: " ")) >> \(file)"
    }

    /// Returns the settings of sysctls.
    /// - Parameter hasOwn: Whether each network namespace, and so each container, has its own.
    func setting(_ assignments: String..., hasOwn: Bool) -> Remedy {
        setting(assignments, hasOwn: hasOwn)
    }

    private func setting(_ assignments: [String], hasOwn: Bool) -> Remedy {
        if isConfined, hasOwn {
            return start(assignments.map { "--sysctl \($0)" }.joined(separator: " "))
        }
        let file = "/etc/sysctl.d/90-udplab.conf"
        let isHere = !isConfined
        return .command(
            "sysctl -w \(assignments.joined(separator: " "))",
            persistent: isHere && container != nil ? nil : Self.added(assignments, to: file),
            isHere ? .here : .host, needsRoot: true)
    }

    /// Returns the increase of a limit of processes (setrlimit(2)).
    /// - Parameters:
    ///   - flag: That of the shell's `ulimit`.
    ///   - name: The name that prlimit(1), limits.conf(5) and containers have for it.
    func limit(_ flag: String, _ name: String, to wanted: Int, hardMax: Int?) -> Remedy {
        if let hardMax, hardMax >= wanted {
            return .command(
                "ulimit -\(flag) \(wanted)", persistent: lasting(name, wanted), needsRoot: false)
        }
        if container != nil { return start("--ulimit \(name)=\(wanted):\(wanted)") }
        return .command(
            "prlimit --pid $$ --\(name)=\(wanted):\(wanted)", persistent: lasting(name, wanted),
            needsRoot: true)
    }

    private func lasting(_ name: String, _ wanted: Int) -> String? {
        guard container == nil else { return nil }
        return Self.added("* - \(name) \(wanted)", to: "/etc/security/limits.d/90-udplab.conf")
    }

    /// Returns the load of a kernel's module.
    func module(_ name: String) -> Remedy {
        .command(
            "modprobe \(name)",
            persistent: Self.added(name, to: "/etc/modules-load.d/udplab.conf"),
            container == nil ? .here : .host, needsRoot: true)
    }

    /// Returns the grant of a capability to this program, or to its container.
    func capability(_ name: String) -> Remedy {
        if container != nil { return start("--cap-add \(name.uppercased())") }
        guard let programPath else { return .none("the program's own path is not known") }
        return .command(
            "setcap cap_\(name)+ep \(Self.quoted(programPath))", needsRoot: true)
    }

    /// Returns the installation of Debian's packages, which other distributions call by the same
    /// names, but for iproute.
    func package(_ names: [String]) -> Remedy {
        let words = names.joined(separator: " ")
        let command =
            switch installer {
            case "dnf"?: "dnf install -y \(words.replacing("iproute2", with: "iproute"))"
            case "zypper"?: "zypper install -y \(words)"
            case "apk"?: "apk add \(words)"
            case "pacman"?: "pacman -S --noconfirm \(words)"
            default: "apt-get install -y \(words)"
            }
        return .command(command, needsRoot: true)
    }

    /// The programs that install packages, the first found of which is taken.
    static let installers = ["apt-get", "dnf", "zypper", "apk", "pacman"]

    /// Returns a word for a shell (POSIX, Shell Command Language §2.2).
    static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
                || (UInt8(ascii: "+")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_")
        }
        return isPlain ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }

    // MARK: - Remedies of several parts

    /// The remedy of namespaces that this process must not make.
    var permissionOfNamespaces: Remedy {
        // A namespace of this process takes two capabilities, whatever the sysctls say.
        if container != nil, userNamespaceSettings?.isEmpty != false {
            return start("--cap-add SYS_ADMIN --cap-add NET_ADMIN")
        }
        guard let settings = userNamespaceSettings, !settings.isEmpty else {
            return .command("sudo \(program) run PLAN", needsRoot: true)
        }
        return setting(settings, hasOwn: false)
    }

    private var program: String { programPath.map(Self.quoted) ?? "udplab" }

    /// The remedy of a responder's port below the first that every user may bind.
    var permissionOfPorts: Remedy { capability("net_bind_service") }

    /// The remedy of an IPv6 loopback address that cannot be bound.
    var switchOfIPv6: Remedy {
        switch ipv6Disabled {
        case 1?: setting("net.ipv6.conf.lo.disable_ipv6=0", hasOwn: true)
        case nil: module("ipv6")
        default:
            container == nil
                ? .command("ip address add ::1/128 dev lo", needsRoot: true)
                : start("--sysctl net.ipv6.conf.lo.disable_ipv6=0")
        }
    }

    /// The remedy of a clock source that takes a system call.
    var quickClock: Remedy {
        guard let source = clockSources?.first(where: Doctor.quickClocks.contains) else {
            return .none("this kernel found no quicker clock on this machine")
        }
        return .command(
            "echo \(source) > /sys/devices/system/clocksource/clocksource0/current_clocksource",
            container == nil ? .here : .host, needsRoot: true)
    }

    /// The remedy of a frequency that follows the load.
    var fullFrequency: Remedy {
        let files = "/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"
        return .command(
            "echo performance | tee \(files)",
            persistent: Self.added(
                "w \(files) - - - - performance", to: "/etc/tmpfiles.d/udplab.conf"),
            container == nil ? .here : .host, needsRoot: true)
    }

    /// The remedy of processors that this process must not use, or does not have.
    var moreProcessors: Remedy {
        guard let cpus, let cpusAllowed, cpus > cpusAllowed else {
            return .none("the machine would have to have more processors")
        }
        if container != nil { return start("--cpuset-cpus 0-\(cpus - 1)") }
        return .command("taskset -cp 0-\(cpus - 1) $$", needsRoot: false)
    }

    /// The remedy of a control group's quota.
    var quotaOfAll: Remedy {
        if container != nil { return start("--cpus \(cpusAllowed ?? cpus ?? 1)") }
        // A scope of its own is outside the limited group.
        return .command("systemd-run --scope \(program) run PLAN", needsRoot: true)
    }

    /// The remedy of calls that a filter of the container refuses (seccomp(2)).
    var refusedCall: Remedy {
        container == nil ? .newerKernel : start("--security-opt seccomp=unconfined")
    }
}
