import Load
import Testing

@testable import Plans

@Suite struct PlanBudgetTests {
    private func sender(_ keys: String) throws -> SenderDefinition {
        try #require(try read(planText(sender: keys)).scenarios.first?.senders.first)
    }

    @Test(arguments: [
        ("\"rate\": \"50pps\", \"duration\": \"10s\"", 500),
        ("\"rate\": \"3pps\", \"duration\": \"1s\"", 3),
        ("\"rate\": \"3pps\", \"duration\": \"1001ms\"", 4),
        ("\"rate\": \"0.001pps\", \"duration\": \"1ms\"", 1),
        ("\"rate\": \"0.3kpps\", \"duration\": \"10ms\"", 3),
        ("\"rate\": \"33.333333pps\", \"duration\": \"3s\"", 100),
        ("\"rate\": \"50pps\", \"count\": 7", 7),
        ("\"rate\": \"max\", \"count\": 7", 7),
    ])
    func everySlotBeforeTheEndIsScheduled(keys: String, datagrams: Int) throws {
        #expect(try sender("\(keys), \"payload\": \"16B\"").datagramsPerFlow == datagrams)
    }

    @Test func aDurationAtMaxSchedulesNothingKnown() throws {
        let sender = try sender("\"rate\": \"max\", \"duration\": \"2s\", \"payload\": \"16B\"")
        #expect(sender.datagramsPerFlow == nil)
        #expect(sender.expectedDurationNs == 2_000_000_000)
    }

    @Test(arguments: [
        ("\"rate\": \"50pps\", \"duration\": \"10s\"", 256),
        ("\"rate\": \"5pps\", \"flows\": 1024, \"duration\": \"10s\"", 256),
        ("\"rate\": \"5pps\", \"flows\": 1025, \"duration\": \"10s\"", 128),
        ("\"rate\": \"5pps\", \"flows\": 10000, \"duration\": \"10s\"", 16),
        ("\"rate\": \"50pps\", \"flows\": 10000, \"duration\": \"10s\"", 128),
        ("\"rate\": \"500kpps\", \"duration\": \"10s\"", 1 << 20),
        ("\"rate\": \"524289pps\", \"duration\": \"10s\"", 1 << 21),
        ("\"rate\": \"500kpps\", \"count\": 1000", 1_024),
        ("\"rate\": \"max\", \"duration\": \"10s\"", 1 << 21),
        ("\"rate\": \"max\", \"flows\": 4, \"duration\": \"10s\"", 1 << 19),
    ])
    func aWindowHoldsTwiceTheTimeout(keys: String, slots: Int) throws {
        let sender = try sender("\(keys), \"payload\": \"16B\"")
        #expect(sender.windowSlots(timeoutNs: 1_000_000_000) == slots)
    }

    @Test(arguments: [
        (1, "10s", 1 << 21), (1, "60s", 1 << 21), (3, "1s", 1 << 19), (4, "60s", 1 << 19),
        (64, "60s", 1 << 15), (10_000, "60s", 256),
    ])
    func theWindowsOfAStreamAtMaxKeepWithinTheirShare(
        flows: Int, timeout: String, slots: Int
    ) throws {
        let timeoutNs = try PlanLimits.timeout.read(timeout)
        let sender = try sender(
            "\"rate\": \"max\", \"flows\": \(flows), \"duration\": \"1h\", "
                + "\"payload\": \"16B\", \"offload\": { \"gso\": \"on\" }")
        #expect(sender.windowSlots(timeoutNs: timeoutNs) == slots)
        let bytes = flows * slots * PlanBudget.slotBytes
        #expect(bytes <= PlanBudget.windowBytesAtMax || slots == PlanBudget.slotsMin)
    }

    @Test func aThreadNeedsDescriptorsOfItsOwn() throws {
        func needed(responderThreads: Int, flows: Int, threads: Int) throws -> Int {
            let text = planText(
                responders: "\"echo\": { \"behaviour\": \"echo\", "
                    + "\"threads\": \(responderThreads) }",
                sender: "\"flows\": \(flows), \"threads\": \(threads), \"rate\": \"1pps\", "
                    + "\"payload\": \"16B\", \"count\": 1")
            let most = PlanBudget.of(try read(text)).descriptorsNeeded
            return most - PlanBudget.descriptorsOfAnyProcess
        }
        let perThread = PlanBudget.descriptorsPerFurtherThread
        #expect(try needed(responderThreads: 1, flows: 100, threads: 1) == 100)
        #expect(try needed(responderThreads: 1, flows: 100, threads: 64) == 100 + 63 * perThread)
        #expect(try needed(responderThreads: 64, flows: 4, threads: 1) == 64 + 63 * perThread)
    }

    @Test func aPlanNeedsTheSumOfItsRunsAndTheMostOfEach() throws {
        let plan = try read(
            planText(
                scenario: "\"networks\": [\"here\"], \"responder\": \"echo\", \"repeat\": 3, "
                    + "\"warm_up\": \"1s\"",
                sender: "\"flows\": 100, \"rate\": \"50pps\", \"payload\": \"160B\", "
                    + "\"duration\": \"10s\""))
        let budget = PlanBudget.of(plan)
        #expect(budget.datagrams == 3 * 100 * (500 + 50))
        #expect(budget.payloadBytes == 3 * 100 * (500 + 50) * 160)
        #expect(budget.memoryBytes == 100 * 256 * PlanBudget.slotBytes)
        #expect(budget.descriptorsNeeded == 100 + PlanBudget.descriptorsOfAnyProcess)
        #expect(budget.runTimeNs == 3 * (1 + 10 + 1) * 1_000_000_000)
    }

    @Test func whatIsUnknownAtMaxStaysUnknown() throws {
        let timed = "\"rate\": \"max\", \"payload\": \"16B\", \"duration\": \"1s\""
        let counted = "\"rate\": \"max\", \"payload\": \"16B\", \"count\": 5"
        #expect(PlanBudget.of(try read(planText(sender: timed))).datagrams == nil)
        #expect(PlanBudget.of(try read(planText(sender: timed))).runTimeNs == 2_000_000_000)
        #expect(PlanBudget.of(try read(planText(sender: counted))).datagrams == 5)
        #expect(PlanBudget.of(try read(planText(sender: counted))).runTimeNs == nil)
    }

    @Test("P19 windows beyond the memory limit are refused with the computed figure")
    func p19Memory() throws {
        let rest = "\"payload\": \"16B\", \"duration\": \"10s\""
        // 2 × 33 M/s × 2 s fit 2^27 slots of 32 B, which is the limit; 68 M/s × 2 s take twice
        // that.
        _ = try sender("\"flows\": 2, \"rate\": \"33Mpps\", \(rest)")
        let found = problems(of: planText(sender: "\"rate\": \"68Mpps\", \(rest)"))
        #expect(found.map(\.path) == ["$.scenarios[0]"])
        #expect(found.first?.message.contains("need 8192 MiB") == true)
        #expect(found.first?.message.contains("legal: up to 4096 MiB") == true)
    }

    @Test("P19 a window beyond what one flow may have is refused with the computed figure")
    func p19Window() throws {
        let rest = "\"payload\": \"16B\", \"duration\": \"10s\""
        let most = try sender("\"rate\": \"33554432pps\", \(rest)")
        #expect(most.windowSlots(timeoutNs: 1_000_000_000) == PlanLimits.windowSlotsMax)
        let found = problems(of: planText(sender: "\"rate\": \"33554433pps\", \(rest)"))
        #expect(found.map(\.path) == ["$.scenarios[0].senders[0]"])
        #expect(found.first?.message.contains("needs 134217728 slots") == true)
    }

    @Test("P19 a flow that passes the last sequence number is refused with the computed figure")
    func p19Sequence() throws {
        let last = PlanLimits.sequenceMax
        let keys = "\"rate\": \"50pps\", \"payload\": \"16B\", \"duration\": \"10s\""
        _ = try sender("\(keys), \"start_sequence\": \(last - 500)")
        let found = problems(of: planText(sender: "\(keys), \"start_sequence\": \(last - 499)"))
        #expect(found.map(\.path) == ["$.scenarios[0].senders[0]"])
        #expect(found.first?.message.contains("500 datagrams per flow") == true)
    }

    @Test("P19 a count that takes longer than the longest duration is refused")
    func p19Count() throws {
        let found = problems(
            of: planText(sender: "\"rate\": \"1pps\", \"payload\": \"16B\", \"count\": 604801"))
        #expect(found.map(\.path) == ["$.scenarios[0].senders[0].count"])
        _ = try sender("\"rate\": \"1pps\", \"payload\": \"16B\", \"count\": 604800")
        _ = try sender("\"rate\": \"100Mpps\", \"payload\": \"16B\", \"count\": 1")
    }

    @Test("P19 products beyond 64 bits are computed and do not trap")
    func p19Products() throws {
        let networks = (0..<64).map { "\"n\($0)\": { \"kind\": \"loopback\" }" }
        let names = (0..<64).map { "\"n\($0)\"" }
        let found = problems(
            of: planText(
                networks: networks.joined(separator: ", "),
                scenario: "\"networks\": [\(names.joined(separator: ", "))], "
                    + "\"responder\": \"echo\", \"repeat\": 1000, \"timeout\": \"1ms\"",
                sender: "\"flows\": 10000, \"rate\": \"100kpps\", \"payload\": \"65507B\", "
                    + "\"duration\": \"168h\""))
        #expect(found.map(\.path) == ["$.scenarios", "$.scenarios"])
        #expect(found.first?.message.contains("448000 days") == true)
        #expect(found.last?.message.contains("legal: up to 16 MiB") == true)
    }
}
