import Reports

@testable import Metrics
@testable import Plans

/// Runs made up for those who judge them: sound until a test changes something.
enum JudgedSamples {
    static func scenario(
        thresholds: [String] = [], tolerance: Double = 0,
        networks: [NetworkDefinition] = [], responder: ResponderDefinition? = nil,
        timeline: [TimelineEvent] = []
    ) throws -> ScenarioDefinition {
        ScenarioDefinition(
            name: "voice", networks: networks, responder: responder, repeats: 1,
            order: .interleaved,
            warmUpNs: 0, timeoutNs: 1_000_000_000, tolerance: tolerance, senders: [],
            timeline: timeline, thresholds: try thresholds.map { try Threshold($0) }, battery: nil)
    }

    static func run(streams: [StreamReport]) -> RunReport {
        RunReport(
            scenario: "voice", network: "clean",
            started: UTCTime(millisecondsSince1970: 1_763_822_220_000), durationNs: 1_000_000_000,
            streams: streams)
    }

    /// A hundred probes and their echoes by udplab's own responder, in two intervals.
    static func stream(_ sender: String = "calls") -> StreamReport {
        var accounts = LedgerAccounts()
        accounts.scheduled = 100
        accounts.sent = 100
        var ends = LedgerBuilder.Sender(accounts)
        ends.inTime = 100
        var responder = LedgerBuilder.Responder()
        responder.received = 100
        var figures = StreamFigures(sent: 100, inTime: 100, late: 0, duplicates: 0)
        figures.rttNs = DelaySummary()
        figures.intervals = (0..<2).map { index in
            IntervalFigures(
                startNs: index * 500_000_000, sent: 50, received: 50, lost: 0, duplicates: 0,
                reordered: 0)
        }
        return StreamReport(
            sender: sender, flows: 1, payloadBytes: 160, timeoutNs: 1_000_000_000,
            features: FeaturesReport(
                sendmmsg: .on, gso: .off, recvmmsg: .on, gro: .off, timestamps: .user),
            ledger: LedgerBuilder.roundTrip(sender: ends, responder: responder), figures: figures,
            pacing: PacingReport(
                intendedPps: 100, achievedPps: 100, skipped: 0, errorNs: nil, largestBurst: 1),
            throughput: ThroughputReport(
                sent: 100, received: 100, payloadBytes: 160, measuredNs: 1_000_000_000),
            rejected: RejectedReport(), resets: ResetsReport(),
            socket: SocketReport(
                receiveBufferGrantedBytes: 212_992, sendBufferGrantedBytes: 212_992, drops: 0),
            addresses: AddressesReport(local: ["127.0.0.1:40000"], remote: "127.0.0.1:7788"))
    }
}

extension StreamReport {
    /// Moves so many of the probes that were answered into an account of what was not sent.
    mutating func unsend(_ count: Int, into account: WritableKeyPath<Ledger, Int>) {
        ledger[keyPath: account] += count
        ledger.sent -= count
        ledger.responderReceived? -= count
        ledger.echoed? -= count
        lowerArrivals(by: count)
        take(count, from: \.sent)
        if account == \.skipped { intervals[0].skipped? += count }
    }

    /// So many were refused, and each interval says so.
    mutating func refuse(_ count: Int) {
        unsend(count, into: \.refused)
        intervals[0].refused += count
        resets.seen = count
        resets.refused = count
    }

    /// What answers is not udplab's own: nobody knows what it received.
    mutating func becomeForeign() {
        (ledger.responderReceived, ledger.echoed, ledger.echoFailed) = (nil, nil, nil)
        (ledger.forwardLost, ledger.backwardLost, ledger.rejected) = (nil, nil, nil)
        (ledger.responderOverflow, ledger.lostUnsplit) = (nil, 0)
    }

    /// Moves so many of the probes that were answered into an account of what was lost.
    mutating func lose(_ count: Int, into account: WritableKeyPath<Ledger, Int?>, isForward: Bool) {
        ledger[keyPath: account] = (ledger[keyPath: account] ?? 0) + count
        if isForward {
            ledger.responderReceived? -= count
            ledger.echoed? -= count
        }
        lowerArrivals(by: count)
        loss.count += count
        loss.never += count
        loss.ratio = Double(loss.count) / Double(ledger.sent)
        intervals[0].lost += count
    }

    private mutating func lowerArrivals(by count: Int) {
        ledger.received -= count
        ledger.inTime -= count
        take(count, from: \.received)
    }

    /// From the first interval on, as many from each as it has.
    private mutating func take(_ count: Int, from figure: WritableKeyPath<IntervalFigures, Int>) {
        var left = count
        for index in intervals.indices {
            let taken = min(left, intervals[index][keyPath: figure])
            intervals[index][keyPath: figure] -= taken
            left -= taken
        }
    }
}
