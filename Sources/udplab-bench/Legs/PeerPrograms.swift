import Datagrams
import Lab
import Loops

/// The other tools installed on this machine.
struct PeerPrograms: Sendable {
    /// A line of the report: a tool, and its version or that it is missing.
    struct Program: Codable, Equatable, Sendable {
        var name: String
        /// The version as reported by the program; nil if it is not installed.
        var version: String?
    }

    let programs: [Program]
    /// Whether iperf3 is 3.17 or later and uses UDP_SEGMENT and UDP_GRO.
    let iperf3Offloads: Bool
    /// The socket buffer size given to tools with an option for it: as large as udplab's, or as the
    /// kernel allows (net.core.rmem_max). With the kernel's small default they would lose most
    /// datagrams, and be compared for that alone. nil leaves the default.
    let socketBufferBytes: Int?

    init(programs: [Program], iperf3Offloads: Bool, socketBufferBytes: Int? = nil) {
        self.programs = programs
        self.iperf3Offloads = iperf3Offloads
        self.socketBufferBytes = socketBufferBytes
    }

    /// Queries each tool.
    static func find(on host: HostFacts) -> PeerPrograms {
        let questions = [
            ("iperf3", ["iperf3", "--version"]), ("sockperf", ["sockperf", "--version"]),
            ("irtt", ["irtt", "version"]),
            ("dnsperf", ["dnsperf", "-h"]), ("dnsmasq", ["dnsmasq", "--version"]),
        ]
        let programs = questions.map { name, question in
            Program(name: name, version: answer(question).flatMap { version(in: $0) })
        }
        let help = answer(["iperf3", "--help"]) ?? ""
        return PeerPrograms(
            programs: programs, iperf3Offloads: help.contains("--gsro"),
            socketBufferBytes: socketBufferBytes(rmemMax: host.rmemMax, wmemMax: host.wmemMax))
    }

    static func socketBufferBytes(rmemMax: Int?, wmemMax: Int?) -> Int? {
        guard let rmemMax, let wmemMax else { return nil }
        return min(LinuxKernel.bufferBytesAsked, rmemMax, wmemMax)
    }

    func has(_ name: String) -> Bool {
        programs.contains { $0.name == name && $0.version != nil }
    }

    /// Returns the output of a program; nil if it cannot be started.
    private static func answer(_ question: [String]) -> String? {
        guard let child = try? Child(question) else { return nil }
        _ = try? child.waitForEnd(seconds: 10)
        return child.text
    }

    /// Returns the first word that begins with a digit: `iperf 3.12 (cJSON 1.7.15)` is `3.12`. A
    /// help text may have numbers before its line `Version 2.10.0`.
    static func version(in output: String) -> String? {
        let mark = "Version "
        if let line = output.split(separator: "\n").first(where: { $0.hasPrefix(mark) }) {
            return String(line.dropFirst(mark.count))
        }
        let words = output.split { $0.isWhitespace || $0 == "," }
        return words.first { $0.first?.isNumber == true && $0.contains(".") }.map(String.init)
    }
}
