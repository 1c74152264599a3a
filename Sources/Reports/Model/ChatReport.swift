import Metrics

/// The room whose members are the flows of a stream, with the deliveries of messages to members.
package struct ChatReport: Codable, Sendable, Equatable {
    package var members: Int
    /// The minimum and the maximum number of members in the room at the time of a message.
    package var membersLeast: Int
    package var membersMost: Int
    package var messages: Int
    package var expected: Int
    package var fannedOut: Int
    package var failed: Int
    /// The datagrams dropped by members' full receive buffers; nil if the kernel does not report
    /// drops.
    package var memberOverflow: Int?
    package var lost: Int
    package var delivered: Int
    package var inTime: Int
    package var late: Int
    package var missing: Int
    package var duplicates: Int
    /// The number of members that received every message.
    package var complete: Int
    /// The lowest number of messages that a member received.
    package var deliveredLeast: Int
    package var deliveryNs: DelaySummary?

    /// Makes a report.
    /// - Parameters:
    ///   - deliveredByMember: The deliveries of each member.
    ///   - deliveryNs: The time from a speaker's send to a member's receive.
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

    /// The ledger whose lines must balance.
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
