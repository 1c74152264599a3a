import JSON
import Testing

@testable import Lab

@Suite struct DoctorTests {
    private let good = HostFacts.unobstructed

    private func finding(_ name: String, _ facts: HostFacts) throws -> Finding {
        try #require(Doctor.report(facts).first { $0.name == name })
    }

    @Test func aGoodMachineIsToldSo() {
        #expect(Doctor.report(good).allSatisfy { $0.level == .ok })
        let text = Doctor.text(Doctor.report(good))
        #expect(text.hasSuffix("\nNothing stands in the way of a measurement.\n"))
    }

    @Test func aMachineOfWhichNothingIsKnownHasNoLimitsAndNoCrash() {
        let findings = Doctor.report(HostFacts())
        #expect(!findings.isEmpty)
        #expect(findings.allSatisfy { $0.level == .note && $0.value == "unknown" })
    }

    /// One thing that is worse than on the good machine.
    struct Shortcoming: Sendable, CustomTestStringConvertible {
        let name: String
        let level: Finding.Level
        let spoil: @Sendable (inout HostFacts) -> Void

        init(
            _ name: String, _ level: Finding.Level,
            _ spoil: @escaping @Sendable (inout HostFacts) -> Void
        ) {
            self.name = name
            self.level = level
            self.spoil = spoil
        }

        var testDescription: String { "\(name): \(level)" }
    }

    @Test(
        "each shortcoming is found, at its level, and alone",
        arguments: [
            Shortcoming("kernel", .note) { $0.kernel = "4.19.0" },
            Shortcoming("processors", .note) { $0.cpusAllowed = 2 },
            Shortcoming("processors", .limit) { $0.cpusAllowed = 1 },
            Shortcoming("processor quota", .limit) { $0.cpuQuota = 0.5 },
            Shortcoming("frequency", .note) { $0.cpuGovernor = "powersave" },
            Shortcoming("virtual machine", .note) { $0.isVirtualMachine = true },
            Shortcoming("container", .note) { $0.container = "docker" },
            Shortcoming("load", .note) { $0.loadAverage = 7 },
            Shortcoming("clock", .limit) { $0.clockSource = "hpet" },
            Shortcoming("clock resolution", .limit) { $0.clockResolutionNs = 4_000_000 },
            Shortcoming("receive buffer", .limit) { $0.rmemMax = 212_992 },
            Shortcoming("error queue", .limit) { $0.errorQueue = false },
            Shortcoming("receive timestamps", .note) { $0.receiveTimestamps = false },
            Shortcoming("drop counter", .limit) { $0.receiveDrops = false },
            Shortcoming("sendmmsg", .note) { $0.sendmmsg = false },
            Shortcoming("recvmmsg", .note) { $0.recvmmsg = false },
            Shortcoming("waits", .note) { $0.waitCall = "ppoll" },
            Shortcoming("waits", .limit) { $0.waitCall = "epoll_pwait" },
            Shortcoming("UDP_SEGMENT", .note) { $0.udpSegment = false },
            Shortcoming("UDP_GRO", .note) { $0.udpGro = false },
            Shortcoming("open files", .limit) { $0.openFilesMax = 256 },
            Shortcoming("processes", .limit) { $0.processesMax = 100 },
            Shortcoming("resets", .note) { $0.icmpRatelimit = 1000 },
            Shortcoming("IPv6 loopback", .limit) { $0.ipv6Loopback = false },
            Shortcoming("network namespaces", .limit) { $0.userNamespaces = false },
            Shortcoming("ports", .note) { $0.unprivilegedPortStart = 1024 },
        ])
    func shortcoming(_ shortcoming: Shortcoming) throws {
        var facts = good
        shortcoming.spoil(&facts)
        #expect(try finding(shortcoming.name, facts).level == shortcoming.level)
        let others = Doctor.report(facts).filter { $0.name != shortcoming.name }
        #expect(others.allSatisfy { $0.level == .ok })
    }

    @Test func aSmallBufferIsExplainedInDatagramsAndMilliseconds() throws {
        var facts = good
        facts.rmemMax = 212_992
        let text = try finding("receive buffer", facts).consequence
        #expect(text.contains("554 small datagrams"))
        #expect(text.contains("5.5 ms"))
        facts.receiveBufferForce = true
        #expect(try finding("receive buffer", facts).level == .ok)
    }

    @Test func theTextFitsTheColumnsAndTheJSONHasAllOfIt() throws {
        let examination = Doctor.Examination(HostFacts.read())
        let lines = Doctor.text(examination.findings).split(separator: "\n")
        // The model of a processor is as long as its maker likes, and a command stays whole.
        let commands = examination.findings.flatMap { [$0.mend, $0.mendPersistent] }
            .compactMap { $0 }
        let prose = lines.filter { line in
            !line.contains("×") && !commands.contains { line.hasSuffix($0) }
        }
        #expect(prose.allSatisfy { $0.count <= 100 })
        let value = try JSONCoding.encode(examination)
        let findings = value["findings"]?.array ?? []
        #expect(findings.compactMap { $0["id"]?.string } == examination.findings.map(\.id))
        #expect(
            findings.compactMap { $0["mend"]?.string } == examination.findings.compactMap(\.mend))
        let facts = try #require(value["facts"])
        #expect(try JSONCoding.decode(HostFacts.self, from: facts) == examination.facts)
    }

    @Test func wordsAreWrappedAndNeverLost() {
        #expect(Doctor.wrapped("one two three", to: 7) == ["one two", "three"])
        #expect(Doctor.wrapped("incomprehensible a", to: 4) == ["incomprehensible", "a"])
        #expect(Doctor.wrapped("", to: 4) == [])
    }
}
