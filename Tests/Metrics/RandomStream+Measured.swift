@testable import Metrics

/// The same stream, once for the slow definitions and once through the windows.
extension RandomStream {
    // MARK: For the definitions

    func seenFromSender(capacity: Int, configuration: StreamConfiguration) -> SlowStream {
        slowStream(configuration, isDated: true) { flow, _, sent in sent[flow] - capacity }
    }

    func seenFromFarSide(
        capacity: Int, configuration: StreamConfiguration, isDated: Bool
    ) -> SlowStream {
        slowStream(configuration, isDated: isDated) { _, highest, _ in highest + 1 - capacity }
    }

    /// - Parameter oldestVisible: By flow, the highest index that has arrived there, and how many
    ///   each flow has sent.
    private func slowStream(
        _ configuration: StreamConfiguration, isDated: Bool,
        oldestVisible: (_ flow: Int, _ highest: Int, _ sent: [Int]) -> Int
    ) -> SlowStream {
        var copies: [[SlowFlow.Copy]] = probes.map { _ in [] }
        var sent = probes.map { _ in 0 }
        var highest = probes.map { _ in -1 }
        for (timeNs, event) in timeline {
            switch event {
            case .sent(let flow, let first, let count, _, _):
                sent[flow] = first + count
            case .arrived(let flow, let index):
                highest[flow] = max(highest[flow], index)
                copies[flow].append(
                    .init(
                        index: index, receivedNs: timeNs,
                        oldestVisible: max(0, oldestVisible(flow, highest[flow], sent))))
            }
        }
        let flows = zip(probes, copies).map {
            SlowFlow(probes: $0, copies: $1, timeoutNs: Self.timeoutNs, isDated: isDated)
        }
        var slow = SlowStream(flows: flows, configuration: configuration)
        slow.discarded.beyondWindow = flows.map(\.unseenCount).reduce(0, +)
        return slow
    }

    // MARK: Through the windows

    func measuredAtSender(
        _ capacity: Int, _ configuration: StreamConfiguration, inRuns: Bool
    ) -> StreamFigures {
        var statistics = StreamStatistics(configuration: configuration)
        measureAtSender(
            capacity, flows: Array(probes.indices), inRuns: inRuns, into: &statistics)
        return statistics.summary()
    }

    func measureAtSender(
        _ capacity: Int, flows: [Int], inRuns: Bool, into statistics: inout StreamStatistics
    ) {
        for flow in flows {
            var window = ProbeWindow(
                capacity: capacity, firstSequence: firstSequences[flow],
                timeoutNs: Self.timeoutNs,
                hasIntendedTimes: statistics.configuration.hasIntendedTimes)
            for (timeNs, event) in steps(of: flow, inRuns: inRuns) {
                switch event {
                case .sent(_, _, let count, let dueNs, let stepNs):
                    window.recordSent(
                        count: count, sentNs: timeNs, intendedNs: dueNs, intendedStepNs: stepNs,
                        into: &statistics)
                case .run(let first, let count):
                    let wire = wireSequence(flow, first)
                    let stampNs = probes[flow][first].sentNs
                    if inRuns {
                        _ = window.recordArrivals(
                            wireSequence: wire, count: count, stampNs: stampNs,
                            receivedNs: timeNs, into: &statistics)
                    } else {
                        _ = window.recordArrival(
                            wireSequence: wire, stampNs: stampNs, receivedNs: timeNs,
                            into: &statistics)
                    }
                }
            }
            window.close(into: &statistics)
        }
    }

    func measuredAtFarSide(
        _ capacity: Int, _ configuration: StreamConfiguration, isDated: Bool, inRuns: Bool
    ) -> StreamFigures {
        var statistics = StreamStatistics(configuration: configuration)
        for flow in probes.indices {
            var window = ArrivalWindow(
                capacity: capacity, firstSequence: firstSequences[flow],
                timeoutNs: Self.timeoutNs, hasStamps: isDated)
            for case (let timeNs, .run(let first, let count)) in steps(of: flow, inRuns: inRuns) {
                let wire = wireSequence(flow, first)
                let stampNs = isDated ? probes[flow][first].sentNs : nil
                if inRuns {
                    _ = window.recordArrivals(
                        wireSequence: wire, count: count, stampNs: stampNs, receivedNs: timeNs,
                        into: &statistics)
                } else {
                    _ = window.recordArrival(
                        wireSequence: wire, stampNs: stampNs, receivedNs: timeNs,
                        into: &statistics)
                }
            }
            window.close(sent: UInt64(probes[flow].count), into: &statistics)
        }
        return statistics.summary()
    }

    private enum Step {
        case sent(flow: Int, first: Int, count: Int, dueNs: Int64, stepNs: Int64)
        case run(first: Int, count: Int)
    }

    private func wireSequence(_ flow: Int, _ index: Int) -> UInt32 {
        UInt32(truncatingIfNeeded: firstSequences[flow] + UInt64(index))
    }

    /// The events of one flow; in runs, with consecutive arrivals of one stamp and time joined.
    private func steps(of flow: Int, inRuns: Bool) -> [(timeNs: Int64, step: Step)] {
        var steps: [(timeNs: Int64, step: Step)] = []
        for (timeNs, event) in timeline {
            switch event {
            case .sent(flow, let first, let count, let dueNs, let stepNs):
                steps.append(
                    (
                        timeNs,
                        .sent(flow: flow, first: first, count: count, dueNs: dueNs, stepNs: stepNs)
                    ))
            case .arrived(flow, let index):
                if inRuns, let last = steps.last, last.timeNs == timeNs,
                    case .run(let first, let count) = last.step, first + count == index,
                    probes[flow][first].sentNs == probes[flow][index].sentNs
                {
                    steps[steps.count - 1].step = .run(first: first, count: count + 1)
                } else {
                    steps.append((timeNs, .run(first: index, count: 1)))
                }
            default: break
            }
        }
        return steps
    }
}
