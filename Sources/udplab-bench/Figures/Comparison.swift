/// udplab beside the raw loop and the other tools, on one kind of traffic.
struct Comparison {
    let traffic: Traffic
    /// udplab is the first: what the others are compared with.
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

    /// Under load it sends without a look at what comes back, so the size of its buffers decides
    /// what it loses and how much of its time is left for answers: as it comes, and with those of
    /// the other tools.
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

    /// One leg after the other, round by round (A B C A B C …), so that what changes on the
    /// machine meanwhile meets all of them.
    func measure(rounds: Int, seconds: Int, _ progress: Progress) -> ComparisonReport {
        var reports = legs.map { LegReport(name: $0.name) }
        for round in 1...rounds {
            for (index, leg) in legs.enumerated() where !progress.isStopped {
                let title = "\(traffic.title), round \(round) of \(rounds), \(leg.name)"
                do {
                    let figures = try leg.measure(traffic, seconds: seconds)
                    reports[index].rounds.append(figures)
                    progress.say("\(title): \(Wording.rate(figures.receivedPps))")
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
