import Reports

/// A comparison of udplab with the raw loop and the other tools, on one kind of traffic.
struct Comparison {
    let traffic: Traffic
    /// The legs. udplab is the first, with which the others are compared.
    let legs: [any Leg]

    static func all(_ udplab: UdplabProgram, _ peers: PeerPrograms) -> [Comparison] {
        [false, true].flatMap { isOffloaded in
            Traffic.Direction.allCases.flatMap { direction in
                [64, 1_400].map { payloadBytes in
                    let traffic = Traffic(
                        direction: direction, payloadBytes: payloadBytes, isOffloaded: isOffloaded)
                    return Comparison(
                        traffic: traffic,
                        legs: [UdplabLeg(program: udplab), RawLeg()]
                            + others(for: traffic, peers))
                }
            }
        }
    }

    static func others(for traffic: Traffic, _ peers: PeerPrograms) -> [any Leg] {
        var legs: [any Leg] = []
        if traffic.direction == .oneWay, peers.has("iperf3"),
            !traffic.isOffloaded || peers.iperf3Offloads
        {
            legs.append(Iperf3Leg(socketBufferBytes: peers.socketBufferBytes))
        }
        if traffic.isOffloaded { return legs }
        if peers.has("sockperf") { legs += sockperf(traffic.direction, peers.socketBufferBytes) }
        if traffic.direction == .echo, peers.has("irtt") { legs.append(IrttLeg()) }
        return legs
    }

    /// Returns the legs of sockperf. Under load it sends without reading answers, so the size of
    /// its buffers determines its loss and the time left for answers: it runs with its default, and
    /// with the size of the other tools.
    private static func sockperf(
        _ direction: Traffic.Direction, _ socketBufferBytes: Int?
    ) -> [SockperfLeg] {
        switch direction {
        case .oneWay: [SockperfLeg(mode: .throughput, socketBufferBytes: socketBufferBytes)]
        case .echo:
            [
                SockperfLeg(mode: .underLoad, socketBufferBytes: nil),
                SockperfLeg(
                    mode: .underLoad, socketBufferBytes: socketBufferBytes, namesBuffers: true),
                SockperfLeg(mode: .pingPong, socketBufferBytes: socketBufferBytes),
            ]
        }
    }

    /// Measures one leg after the other, round by round (A B C A B C …), so that a drift of the
    /// machine affects all of them.
    func measure(rounds: Int, seconds: Int, _ progress: Progress) -> ComparisonReport {
        var reports = legs.map { LegReport(name: $0.name) }
        for round in 1...rounds {
            for (index, leg) in legs.enumerated() where !progress.isStopped {
                let title = "\(traffic.title), round \(round) of \(rounds), \(leg.name)"
                do {
                    let figures = try leg.measure(traffic, seconds: seconds)
                    reports[index].rounds.append(figures)
                    progress.say("\(title): \(UnitText.packetRate(figures.receivedPps))")
                } catch {
                    reports[index].rounds.append(nil)
                    reports[index].problems.append("round \(round): \(error)")
                    progress.say("\(title): \(error)")
                }
            }
        }
        return ComparisonReport(traffic, reports)
    }
}
