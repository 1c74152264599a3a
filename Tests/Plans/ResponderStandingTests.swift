import Testing

@testable import Plans

/// Whom an event of the timeline happens to.
@Suite struct ResponderStandingTests {
    private static func event(
        _ action: TimelineEvent.Action, _ instances: Int? = nil
    ) -> TimelineEvent {
        TimelineEvent(
            atNs: 0, action: action, subject: "echo", instances: instances, network: nil)
    }

    @Test("an event happens to the first ones that it names, or to all that it can happen to")
    func affected() {
        var standings = Array(repeating: ResponderStanding.running, count: 4)
        #expect(Self.event(.kill, 2).happen(to: &standings) == [0, 1])
        #expect(standings == [.dead, .dead, .running, .running])
        #expect(Self.event(.stop).happen(to: &standings) == [2, 3])
        #expect(Self.event(.start, 1).happen(to: &standings) == [0])
        #expect(Self.event(.start).happen(to: &standings) == [1, 2, 3])
        #expect(standings == Array(repeating: .running, count: 4))
    }

    @Test("what cannot happen to one that is named happens to none")
    func refused() {
        var standings: [ResponderStanding] = [.running, .dead]
        #expect(Self.event(.pause, 2).happen(to: &standings) == [])
        #expect(Self.event(.resume).happen(to: &standings) == [])
        #expect(Self.event(.kill, 3).happen(to: &standings) == [])
        #expect(standings == [.running, .dead])
    }

    @Test("every event on every standing")
    func table() {
        let all: [ResponderStanding] = [.running, .dead, .closed, .paused]
        let expected: [TimelineEvent.Action: [ResponderStanding?]] = [
            .kill: [.dead, nil, .dead, .dead], .stop: [.closed, nil, nil, nil],
            .pause: [.paused, nil, nil, nil], .resume: [nil, nil, nil, .running],
            .start: [nil, .running, .running, nil], .network: [nil, nil, nil, nil],
        ]
        for action in TimelineEvent.Action.allCases {
            for (index, before) in all.enumerated() {
                var standing = before
                let next = expected[action]?[index]
                #expect(standing.step(action) == (next != nil))
                #expect(standing == next ?? before)
            }
        }
    }
}
