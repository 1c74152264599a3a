/// Describes what a machine can and cannot measure, with the consequences, in sentences computed
/// from facts.
package enum Doctor {
    /// The document that `udplab doctor --json` prints.
    package struct Examination: Encodable, Sendable {
        /// The number of the document's form: another for a change that a reader would misread.
        package let format: Int
        package let facts: HostFacts
        package let findings: [Finding]

        package init(_ facts: HostFacts) {
            format = 1
            self.facts = facts
            findings = Doctor.report(facts)
        }
    }

    /// Returns all findings.
    package static func report(_ facts: HostFacts) -> [Finding] {
        machine(facts) + time(facts) + sockets(facts) + network(facts) + privileges(facts)
    }

    static let unknown = "unknown"

    // MARK: - The machine

    private static func machine(_ facts: HostFacts) -> [Finding] {
        [
            kernel(facts), processors(facts), quota(facts), governor(facts), virtualMachine(facts),
            container(facts), load(facts),
        ].compactMap { $0 }
    }

    private static func kernel(_ facts: HostFacts) -> Finding {
        let name = "kernel"
        guard let release = facts.kernel else {
            return Finding(
                .note, name, unknown, "What this kernel can do was tried, not looked up.")
        }
        let numbers = release.split(whereSeparator: { !$0.isNumber }).prefix(2).compactMap {
            Int($0)
        }
        let value = [release, facts.architecture].compactMap { $0 }.joined(separator: " ")
        // 5.4 has pidfd_open and waitid(P_PIDFD), UDP_SEGMENT and UDP_GRO. Features of later
        // kernels are tried: see `waiting`.
        guard numbers.count == 2, (numbers[0], numbers[1]) >= (5, 4) else {
            return Finding(
                .note, name, value,
                "It is older than 5.4: offloads may be missing, and udplab is not tested on it.",
                .newerKernel)
        }
        return Finding(.ok, name, value, "It has all that udplab uses of Linux.")
    }

    private static func processors(_ facts: HostFacts) -> Finding {
        let name = "processors"
        guard let count = facts.cpusAllowed ?? facts.cpus else {
            return Finding(.note, name, unknown, "Nothing is pinned to a processor of its own.")
        }
        let all = facts.cpus.map { $0 == count ? "\(count)" : "\(count) of \($0)" } ?? "\(count)"
        let value = [all, facts.cpuModel].compactMap { $0 }.joined(separator: " × ")
        return switch count {
        case 4...:
            Finding(
                .ok, name, value,
                "Sender and responder each get a processor, and some are left for everything else.")
        case 2...3:
            Finding(
                .note, name, value,
                "Sender and responder share them with everything else that runs: the highest "
                    + "rates and the tail of the latency say something about this host too.",
                facts.moreProcessors)
        default:
            Finding(
                .limit, name, value,
                "Sender and responder take turns on it: throughput and latency on loopback are "
                    + "figures of the scheduler, not of the network.", facts.moreProcessors)
        }
    }

    private static func quota(_ facts: HostFacts) -> Finding? {
        facts.cpuQuota.map { quota in
            let used = facts.cpuThrottledPeriods.map { periods in
                ", used up in \(periods) \(periods == 1 ? "period" : "periods") so far"
            }
            return Finding(
                .limit, "processor quota", "\(tenths(quota)) processors\(used ?? "")",
                "When the control group has used it up, all threads stand still for the rest of "
                    + "the period: pauses of up to 100 ms that look like latency and loss.",
                facts.quotaOfAll)
        }
    }

    private static func governor(_ facts: HostFacts) -> Finding? {
        guard let governor = facts.cpuGovernor else { return nil }
        guard governor != "performance" else {
            return Finding(.ok, "frequency", governor, "The processors keep their speed.")
        }
        return Finding(
            .note, "frequency", governor,
            "The processors slow down between datagrams: latency at low rates is too high.",
            facts.fullFrequency)
    }

    private static func virtualMachine(_ facts: HostFacts) -> Finding? {
        guard facts.isVirtualMachine == true else { return nil }
        return Finding(
            .note, "virtual machine", "yes",
            "The hypervisor may take a processor away for milliseconds without a trace here: "
                + "repeat runs before believing a tail.",
            .none("a machine of its own would have to be used"))
    }

    private static func container(_ facts: HostFacts) -> Finding? {
        facts.container.map {
            Finding(
                .note, "container", $0,
                "Kernel, buffer limits and neighbours are those of the host outside.",
                .none("it can run outside, or beside nothing else"))
        }
    }

    /// The share of busy CPUs from which other programs influence a run.
    private static let busyShare = 0.5

    private static func load(_ facts: HostFacts) -> Finding? {
        guard let load = facts.loadAverage, let cpus = facts.cpusAllowed ?? facts.cpus else {
            return nil
        }
        let value = "\(tenths(load)) in the last minute"
        guard load > busyShare * Double(cpus) else {
            return Finding(.ok, "load", value, "Little else is running.")
        }
        return Finding(
            .note, "load", value,
            "Other programs compete for \(cpus == 1 ? "the processor" : "the \(cpus) processors"): "
                + "rates are lower and tails longer than this machine's own.",
            .none("what else runs would have to end; top(1) shows it"))
    }

    /// Returns a number with one decimal, independent of the locale.
    static func tenths(_ value: Double) -> String {
        let rounded = Int((value * 10).rounded())
        return "\(rounded / 10).\(rounded % 10)"
    }
}
