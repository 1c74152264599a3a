import Datagrams
import Glibc

/// The properties of a process from proc(5) and waitid(2). A figure is `nil` if it cannot be read.
enum ProcessFacts {
    enum End { case exited, killed, dumped }

    /// Returns how a child ended, without reaping it; `nil` while it runs.
    static func endedChild(_ pid: pid_t) -> End? {
        var information = siginfo_t()
        let options = WEXITED | WNOHANG | WNOWAIT
        guard waitid(P_PID, id_t(pid), &information, options) == 0,
            // Zero if there is nothing to report yet: waitid(2), WNOHANG.
            information._sifields._sigchld.si_pid == pid
        else { return nil }
        return switch Int(information.si_code) {
        case Int(CLD_DUMPED): .dumped
        case Int(CLD_KILLED): .killed
        default: .exited
        }
    }

    /// Whether job control or a tracer has stopped the process (proc(5), state T or t).
    static func isStopped(_ pid: pid_t) -> Bool {
        guard let text = KernelFile.text("/proc/\(pid)/stat"),
            let bracket = text.lastIndex(of: ")")
        else { return false }
        return ["T", "t"].contains(text[bracket...].split(separator: " ").dropFirst().first)
    }

    /// Returns the parent of a process (proc(5): field 4 of stat); nil if there is no such process.
    static func parent(of pid: pid_t) -> pid_t? {
        guard let text = KernelFile.text("/proc/\(pid)/stat"),
            let bracket = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[bracket...].split(separator: " ")
        return fields.count > 2 ? pid_t(fields[2]) : nil
    }

    /// Returns the user and system time of a process with all its threads, ended ones included, and
    /// of the children that it has waited for.
    static func cpuSeconds(of pid: pid_t) -> Double? {
        guard let text = KernelFile.text("/proc/\(pid)/stat") else { return nil }
        return cpuTicks(inStat: text).map { Double($0) / Double(sysconf(Int32(_SC_CLK_TCK))) }
    }

    /// Returns the CPU ticks, counted from behind the name, which is in brackets and may contain
    /// any characters, brackets and spaces too. proc(5): utime, stime, cutime and cstime are fields
    /// 14 to 17.
    static func cpuTicks(inStat text: String) -> Int? {
        guard let bracket = text.lastIndex(of: ")") else { return nil }
        let fields = text[bracket...].split(separator: " ")
        let times = 12...15
        guard fields.count > times.upperBound else { return nil }
        let ticks = fields[times].compactMap { Int($0) }
        return ticks.count == times.count ? ticks.reduce(0, +) : nil
    }

    /// Returns the number of processes of this host that its kernel ended for want of memory since
    /// it started, for a control group's limit too (proc(5), vmstat; Linux 4.13).
    static func oomKills() -> Int? {
        KernelFile.text("/proc/vmstat").flatMap(oomKills(inStat:))
    }

    static func oomKills(inStat text: String) -> Int? {
        let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
        return lines.first { $0.count == 2 && $0[0] == "oom_kill" }.flatMap { Int($0[1]) }
    }

    /// Returns the largest resident set of a running process, in bytes.
    static func maxRssBytes(of pid: pid_t) -> Int? {
        guard let text = KernelFile.text("/proc/\(pid)/status") else { return nil }
        return KernelFile.kibibytes(of: "VmHWM", in: text).map { $0 * 1024 }
    }
}
