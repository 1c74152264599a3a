import Testing

@testable import Lab

/// What a network says it dropped or altered, and what is made of it.
@Suite struct InjectedCountsTests {
    private static func way(dropped: Int, altered: Int) -> InjectedCounts.Way {
        InjectedCounts.Way(dropped: [dropped], altered: [altered])
    }

    @Test("T13 what the kernel dropped after a relay had altered it is dropped, and counts once")
    func t13DroppedAndAltered() {
        let injected = InjectedCounts(
            forward: Self.way(dropped: 14, altered: 1),
            backward: Self.way(dropped: 0, altered: 0), dropsAltered: true)
        var ends = InjectedCounts.Ends(sent: 16, responderOverflow: 0, received: 2)
        for received in [2, nil] {
            ends.responderReceived = received
            let way = injected.ledgerWay(0, ends)
            #expect(way.forwardInjected == 14)
            #expect(way.forwardCorrupt == 0)
        }
        // One that arrived altered is corrupt all the same.
        ends.received = 1
        ends.responderReceived = 1
        #expect(injected.ledgerWay(0, ends).forwardCorrupt == 1)
    }

    @Test("nothing but the check of a small payload lets an altered probe pass")
    func altered() {
        let injected = InjectedCounts(
            forward: Self.way(dropped: 4, altered: 3), backward: Self.way(dropped: 0, altered: 0))
        var ends = InjectedCounts.Ends(sent: 10, responderOverflow: 0, received: 4)
        ends.responderReceived = 4
        #expect(injected.ledgerWay(0, ends).forwardCorrupt == 3)
        ends.hasShortCheck = true
        #expect(injected.ledgerWay(0, ends).forwardCorrupt == 2)
    }
}
