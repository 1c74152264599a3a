import Datagrams
import Glibc
import JSON
import Loops

/// The holder of the network of one run: makes the network, keeps it open for the workers that join
/// it, and reports the counts of its rules and queues at the end.
///
/// The process has one thread, which moves between the namespaces.
final class NetworkJob {
    /// The namespaces of a holder, entered at the start of its process.
    struct Namespaces: Sendable {
        let near: NetworkNamespace
        let middle: NetworkNamespace
        let far: NetworkNamespace
        let isInUserNamespace: Bool

        /// Makes the namespaces. The process must have one thread, which is in the middle
        /// afterwards.
        init() throws(SystemFailure) {
            let user = Self.userNamespace()
            middle = try NetworkNamespace.enterFresh()
            isInUserNamespace = user != Self.userNamespace()
            near = try NetworkNamespace.enterAnother()
            far = try NetworkNamespace.enterAnother()
            try middle.enter()
        }

        private static func userNamespace() -> [CChar] {
            var text = [CChar](repeating: 0, count: 64)
            _ = readlink("/proc/self/ns/user", &text, text.count - 1)
            return text
        }

        subscript(side: NetworkRecipe.Side) -> NetworkNamespace {
            switch side {
            case .near: near
            case .middle: middle
            case .far: far
            }
        }
    }

    private let namespaces: Namespaces
    private let recipe: NetworkRecipe

    /// Makes the network.
    /// - Throws: If the host lacks support for the network, in the words of the program or call
    ///   that refused.
    init(_ assignment: NetworkAssignment, in namespaces: Namespaces) throws(WorkerFailure) {
        self.namespaces = namespaces
        let hasIPv6 = NetworkNamespace.canHaveIPv6(mtuBytes: assignment.mtuBytes)
        recipe = NetworkRecipe(assignment: assignment, hasIPv6: hasIPv6)
        do throws(SystemFailure) {
            try make()
        } catch {
            throw WorkerFailure(.setUp, "the network cannot be made: \(error)")
        }
    }

    private func make() throws(SystemFailure) {
        let cables = recipe.cables { "/proc/\(getpid())/fd/\(namespaces[$0].descriptor)" }
        try batch("ip", cables)
        for side in NetworkRecipe.Side.allCases {
            try inside(side) { () throws(SystemFailure) in
                for (path, value) in recipe.switches(of: side) { try write(value, to: path) }
                try batch("ip", recipe.addresses(of: side))
                if side == .middle { try batch("tc", recipe.queues) }
                guard let rules = recipe.rules(of: side) else { return }
                let file = try MemoryFile(rules)
                try SystemProgram.run(["nft", "-f", file.path])
            }
        }
        // No limit per peer also needs no overall limit, if the kernel lets the namespace set it
        // (6.11).
        if recipe.assignment.icmpRatelimitMs == 0 {
            try inside(.far) { () throws(SystemFailure) in
                try? write(Int(Int32.max), to: "ipv4/icmp_msgs_per_sec")
                try? write(Int(Int32.max), to: "ipv4/icmp_msgs_burst")
            }
        }
    }

    private func batch(_ program: String, _ lines: [String]) throws(SystemFailure) {
        guard !lines.isEmpty else { return }
        let file = try MemoryFile(lines.joined(separator: "\n") + "\n")
        try SystemProgram.run([program, "-batch", file.path])
    }

    private func inside<Value>(
        _ side: NetworkRecipe.Side, _ work: () throws(SystemFailure) -> Value
    ) throws(SystemFailure) -> Value {
        try namespaces[side].enter()
        let result: Result<Value, SystemFailure>
        do throws(SystemFailure) {
            result = .success(try work())
        } catch {
            result = .failure(error)
        }
        try namespaces.middle.enter()
        return try result.get()
    }

    // MARK: - The kernel's switches: those of the namespace that the thread is in

    private static let switches = "/proc/sys/net/"

    private func write(_ value: Int, to path: String) throws(SystemFailure) {
        try KernelFile.write(value, to: Self.switches + path)
    }

    private func read(_ path: String) -> Int? {
        let line = KernelFile.text(Self.switches + path)
        return line.flatMap { Int($0.prefix { $0 != "\n" }) }
    }

    // MARK: - What it says

    func ready() throws(SystemFailure) -> NetworkReady {
        try inside(.far) { () throws(SystemFailure) in
            NetworkReady(
                nearDescriptor: Int(namespaces.near.descriptor),
                farDescriptor: Int(namespaces.far.descriptor), farIPv4: NetworkRecipe.farIPv4,
                farIPv6: recipe.hasIPv6 ? NetworkRecipe.farIPv6 : nil,
                isInUserNamespace: namespaces.isInUserNamespace,
                icmpRatelimitMs: read("ipv4/icmp_ratelimit"),
                icmpMsgsPerSec: read("ipv4/icmp_msgs_per_sec"))
        }
    }

    /// Returns the counts, or the fault if a part of the network is gone.
    func result() throws -> NetworkResult {
        // There are no counters where nothing is dropped.
        let streams = recipe.counts ? recipe.assignment.streams.count : 0
        do {
            try lookAtInterfaces()
            let packets = try packets()
            return NetworkResult(
                forward: NetworkWayResult(
                    "forward", streams: streams, packets: packets,
                    queue: try queue(NetworkRecipe.forwardQueue)),
                backward: NetworkWayResult(
                    "backward", streams: streams, packets: packets,
                    queue: try queue(NetworkRecipe.backwardQueue)))
        } catch let error as SystemFailure {
            return NetworkResult(
                forward: NetworkWayResult(), backward: NetworkWayResult(),
                fault: "the network was changed from outside: \(error)")
        }
    }

    private func lookAtInterfaces() throws(SystemFailure) {
        for interface in NetworkRecipe.interfaces {
            let isThere = try inside(interface.side) { () throws(SystemFailure) in
                access("\(Self.switches)ipv4/conf/\(interface.name)", F_OK) == 0
            }
            guard isThere else {
                throw SystemFailure(
                    "interface", interface.name, SystemErrno(rawValue: ENODEV),
                    reason: "it is gone")
            }
        }
    }

    private func packets() throws -> [String: Int] {
        var packets: [String: Int] = [:]
        for side in NetworkRecipe.Side.allCases where recipe.counts {
            let text = try inside(side) { () throws(SystemFailure) in
                try SystemProgram.run(["nft", "-j", "list", "counters"])
            }
            packets.merge(try NetworkCounters.packets(ofRules: text)) { $1 }
        }
        return packets
    }

    private func queue(_ interface: String) throws -> (drops: Int, queued: Int) {
        // Without a queue there may be no tc on this host either.
        guard !recipe.queues.isEmpty else { return (0, 0) }
        let text = try SystemProgram.run(["tc", "-s", "-j", "qdisc", "show", "dev", interface])
        return try NetworkCounters.queue(of: text)
    }
}
