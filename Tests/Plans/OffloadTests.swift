import Reports
import Testing

@testable import Plans

@Suite struct OffloadTests {
    private static let atMax = "\"rate\": \"max\", \"payload\": \"64B\", \"duration\": \"1s\""

    private func usesOffload(
        networks: String = "\"here\": { \"kind\": \"loopback\" }",
        names: String = "\"here\"", sender: String = atMax, threshold: String? = nil
    ) throws -> Bool {
        let thresholds = threshold.map { "\"\($0)\"" } ?? ""
        let plan = try read(
            planText(
                networks: networks,
                scenario: "\"networks\": [\(names)], "
                    + (networks.contains("loopback") ? "\"responder\": \"echo\", " : "")
                    + "\"thresholds\": [\(thresholds)]",
                sender: sender))
        let scenario = try #require(plan.scenarios.first)
        return scenario.usesOffloadByDefault(for: try #require(scenario.senders.first))
    }

    @Test func throughputAtMaxUsesOffloadByDefault() throws {
        #expect(try usesOffload())
    }

    @Test func aPacedSenderSendsItsDatagramsOneByOne() throws {
        let paced = "\"rate\": \"100Mpps\", \"payload\": \"64B\", \"duration\": \"1ms\""
        #expect(try !usesOffload(sender: paced))
        #expect(try !usesOffload(sender: paced + ", \"max_burst\": 64"))
    }

    @Test(arguments: [("32753B", true), ("32754B", false), ("65507B", false)])
    func twoSegmentsHaveToFit(payload: String, uses: Bool) throws {
        let sender = "\"rate\": \"max\", \"payload\": \"\(payload)\", \"count\": 1"
        #expect(try usesOffload(sender: sender) == uses)
    }

    @Test(arguments: [
        "throughput.received_pps > 1Mpps", "throughput.sent_bits_per_second > 1Gbit",
        "ledger.received > 1000", "ledger.skipped == 0", "rtt.p99 < 5ms", "pdv.p99 < 1ms",
        "rejected.corrupt == 0",
    ])
    func aBoundOnThroughputOrDelayLeavesOffloadOn(threshold: String) throws {
        #expect(try usesOffload(threshold: threshold))
    }

    @Test(arguments: [
        "loss.ratio < 2%", "loss.longest_burst < 3", "duplication.count == 0",
        "reordering.ratio == 0", "reordering.extent.max < 8", "reordering.late_time.p50 < 1ms",
        "ledger.forward_lost == 0", "ledger.backward_lost == 0", "ledger.lost_unsplit == 0",
        "ledger.forward_injected == 0", "ledger.backward_injected == 0", "ledger.outage == 0",
        "ledger.forward_corrupt == 0", "ledger.backward_corrupt == 0",
        "ledger.responder_overflow == 0", "ledger.sender_overflow == 0",
        "ledger.beyond_window == 0", "socket.drops == 0",
    ])
    func aBoundOnTheFateOfDatagramsTurnsOffloadOff(threshold: String) throws {
        #expect(try !usesOffload(threshold: threshold))
    }

    @Test func everyAccountOfLossIsAnAccountOfTheLedger() {
        let accounts = FigureCatalog.all.filter { $0.reportPath.first == "ledger" }
        #expect(FigureCatalog.accountsOfLoss.isSubset(of: accounts.compactMap(\.reportPath.last)))
    }

    @Test func oneForeignPathDecidesForAllNetworks() throws {
        let path = "\"there\": { \"kind\": \"path\", \"address\": \"127.0.0.1:7\" }"
        let loopback = "\"here\": { \"kind\": \"loopback\" }"
        #expect(try !usesOffload(networks: path, names: "\"there\""))
        #expect(try !usesOffload(networks: "\(loopback), \(path)", names: "\"here\", \"there\""))
        #expect(try usesOffload(networks: "\(loopback), \(path)", names: "\"here\""))
    }

    @Test func anEmulatedNetworkDealsWithDatagramsOneByOne() throws {
        let emulated = "\"bad\": { \"kind\": \"emulated\" }"
        let loopback = "\"here\": { \"kind\": \"loopback\" }"
        #expect(try !usesOffload(networks: "\(loopback), \(emulated)", names: "\"bad\""))
        #expect(try !usesOffload(networks: "\(loopback), \(emulated)", names: "\"here\", \"bad\""))
    }
}
