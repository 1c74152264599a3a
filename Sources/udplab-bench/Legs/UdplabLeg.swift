import Reports

/// The leg of udplab itself, with its full accounting, at the highest rate.
struct UdplabLeg: Leg {
    let name = "udplab"
    let program: UdplabProgram

    func measure(_ traffic: Traffic, seconds: Int) throws -> LegFigures {
        let plan = BenchPlan(traffic: traffic, rate: .max, length: .seconds(seconds))
        return try Self.figures(of: program.run(plan, seconds: Self.limit(seconds)))
    }

    static func figures(of run: RunReport) throws -> LegFigures {
        guard let stream = run.streams.first, let receivedPps = stream.throughput.receivedPps,
            receivedPps > 0
        else {
            throw BenchError("udplab received nothing")
        }
        let cpuSeconds = run.workers.reduce(0) { $0 + ($1.cpuSeconds ?? 0) }
        return LegFigures(
            sentPps: stream.throughput.sentPps, receivedPps: receivedPps,
            lossRatio: stream.loss.ratio, lossByAccount: lossByAccount(stream),
            cpuSecondsPerMillion: LegFigures.perMillion(cpuSeconds, stream.ledger.received))
    }

    /// Returns every account of the ledger for datagrams lost after they were sent.
    private static func lossByAccount(_ stream: StreamReport) -> [String: Int] {
        let ledger = stream.ledger
        let accounts: [(String, Int?)] = [
            ("responder_overflow", ledger.responderOverflow), ("forward_lost", ledger.forwardLost),
            ("echo_failed", ledger.echoFailed), ("rejected", ledger.rejected),
            ("sender_overflow", ledger.senderOverflow), ("backward_lost", ledger.backwardLost),
            ("late", ledger.late),
        ]
        return Dictionary(
            uniqueKeysWithValues: accounts.compactMap { name, count in
                count.flatMap { $0 == 0 ? nil : (name, $0) }
            })
    }
}
