import Impairment

@testable import Lab
@testable import Metrics
@testable import Plans

/// Flows whose probes meet random causes that overlap: windows, the timeline's events on several
/// instances, policies that give up; beside losses and resets that have no cause at all.
struct RandomOutages {
    private static let lengthNs: Int64 = 1_000_000

    private var random: SeededGenerator
    private let instances: Int
    private let flowsOfInstance: Int
    private let intervalNs: Int64
    private let roundTripNs: Int64
    private var causes: [OutageCause] = []
    private var list = OutageList()

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        instances = Int.random(in: 1...3, using: &random)
        flowsOfInstance = Int.random(in: 1...3, using: &random)
        intervalNs = .random(in: 1_000...60_000, using: &random)
        roundTripNs = .random(in: 1...100_000, using: &random)
    }

    mutating func times() -> OutageTimes {
        makeCauses()
        for flow in 0..<instances * flowsOfInstance { send(flow) }
        let flows = flowsOfInstance
        return OutageTimes(
            outages: list.merged(joinNs: intervalNs) { $0 / flows },
            causes: causes.shuffled(using: &random),
            originNs: .random(in: -500_000...500_000, using: &random), instances: instances)
    }

    private mutating func time(_ fromNs: Int64 = 0) -> Int64 {
        .random(in: fromNs...Self.lengthNs, using: &random)
    }

    private mutating func makeCauses() {
        let networks = (0..<Int.random(in: 1...3, using: &random)).map { index in
            (impairments(), sinceNs: index == 0 ? 0 : time())
        }
        causes += OutageCause.windows(
            of: networks.sorted { $0.sinceNs < $1.sinceNs }, originNs: 50_000)
        for instance in 0..<instances {
            let events = events(instance)
            causes += ResponderAbsence.all(events).map { OutageCause($0, instance: instance) }
            let ends = (0..<Int.random(in: 0...2, using: &random)).map { _ in time() }
            causes += OutageCause.ends(ends.sorted(), events: events, instance: instance)
        }
    }

    private mutating func impairments() -> Impairments {
        func windows() -> [TimeWindow] {
            (0..<Int.random(in: 0...2, using: &random)).map { _ in
                let fromNs = time()
                return TimeWindow(fromNs: fromNs, untilNs: time(fromNs))
            }
        }
        var impairments = Impairments(forward: Impairment(), backward: Impairment())
        impairments.forward.blackholes = windows()
        impairments.forward.refusals = windows()
        impairments.backward.blackholes = windows()
        return impairments
    }

    /// A legal timeline of one instance.
    private mutating func events(_ instance: Int) -> [ConductedEvent] {
        var standing = ResponderStanding.running
        var events: [ConductedEvent] = []
        var atNs: Int64 = 0
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            atNs = time(atNs)
            guard let action = TimelineEvent.Action.allCases.randomElement(using: &random),
                standing.step(action)
            else { continue }
            events.append(
                ConductedEvent(
                    event: TimelineEvent(
                        atNs: Int(atNs), action: action, subject: "echo", instances: nil,
                        network: nil),
                    instance: instance, atNs: atNs, detail: ""))
        }
        return events
    }

    /// Sends the probes of a flow; one that meets a cause has no answer, and often a reset.
    private mutating func send(_ flow: Int) {
        var tracker = OutageTracker()
        var hasReset = false
        var sentNs: Int64 = .random(in: 0..<intervalNs, using: &random)
        while sentNs < Self.lengthNs {
            let meets = sentNs + roundTripNs / 2
            let isMet = causes.contains { cause in
                (cause.instance ?? flow / flowsOfInstance) == flow / flowsOfInstance
                    && cause.fromNs <= meets && meets < cause.untilNs ?? .max
            }
            if isMet || Double.random(in: 0..<1, using: &random) < 0.2 {
                tracker.recordLost(sentNs: sentNs)
                if !hasReset, Double.random(in: 0..<1, using: &random) < 0.3 {
                    list.recordReset(
                        flow: flow,
                        atNs: sentNs + .random(in: 0...roundTripNs + intervalNs, using: &random))
                    hasReset = true
                }
            } else {
                tracker.recordAnswered(
                    sentNs: sentNs, receivedNs: sentNs + roundTripNs, flow: flow, into: &list)
                hasReset = false
            }
            sentNs += intervalNs
        }
        tracker.close(flow: flow, into: &list)
    }
}
