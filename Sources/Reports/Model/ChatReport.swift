import Metrics

/// The room whose members the flows of a stream are: did each get every message?
package struct ChatReport: Codable, Sendable, Equatable {
    package var members: Int
    /// The fewest and the most members that were in the room when a message went round.
    package var membersLeast: Int
    package var membersMost: Int
    package var messages: Int
    package var expected: Int
    package var fannedOut: Int
    package var failed: Int
    /// Nil when the kernel does not say.
    package var memberOverflow: Int?
    package var lost: Int
    package var delivered: Int
    package var inTime: Int
    package var late: Int
    package var missing: Int
    package var duplicates: Int
    /// Members that got every message.
    package var complete: Int
    /// What the member got that got least.
    package var deliveredLeast: Int
    package var deliveryNs: DelaySummary?

    /// - Parameters:
    ///   - deliveredByMember: Of each member.
    ///   - deliveryNs: From a speaker's send to a member's receive.
    package init(
        ledger: FanOutLedger, members: Int, membersLeast: Int, membersMost: Int,
        deliveredByMember: [Int], deliveryNs: DelaySummary?
    ) {
        self.members = members
        self.membersLeast = membersLeast
        self.membersMost = membersMost
        messages = ledger.messages
        expected = ledger.expected
        fannedOut = ledger.fannedOut
        failed = ledger.failed
        memberOverflow = ledger.memberOverflow
        lost = ledger.lost
        delivered = ledger.delivered
        inTime = ledger.inTime
        late = ledger.late
        missing = ledger.missing
        duplicates = ledger.duplicates
        complete = deliveredByMember.count { $0 == ledger.messages }
        deliveredLeast = deliveredByMember.min() ?? 0
        self.deliveryNs = deliveryNs
    }

    /// The lines that must balance.
    package var ledger: FanOutLedger {
        var ledger = FanOutLedger()
        ledger.messages = messages
        ledger.expected = expected
        ledger.fannedOut = fannedOut
        ledger.failed = failed
        ledger.memberOverflow = memberOverflow
        ledger.lost = lost
        ledger.delivered = delivered
        ledger.inTime = inTime
        ledger.late = late
        ledger.duplicates = duplicates
        return ledger
    }
}
