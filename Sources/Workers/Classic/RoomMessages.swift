import Metrics

/// What a sender is told of the room that its flows are members of.
package struct RoomOrder: Codable, Sendable {
    package var members: Int
    /// The most that a member says while it is measured.
    package var messages: Int

    package init(members: Int, messages: Int) {
        self.members = members
        self.messages = messages
    }
}

/// What a room's members got: first copies of messages, one for each member.
package struct RoomDeliveries: Codable, Sendable, Equatable {
    package var delivered: Int
    package var late: Int
    package var duplicates: Int
    /// In the order of the flows.
    package var deliveredByMember: [Int]
    /// From the speaker's send to the member's receive.
    package var delayNs: DelaySummary?

    /// Adds those of another thread, whose flows come after.
    mutating func add(_ other: RoomDeliveries) {
        delivered += other.delivered
        late += other.late
        duplicates += other.duplicates
        deliveredByMember += other.deliveredByMember
    }
}

/// What a room did with the messages of a stream.
package struct RoomRounds: Codable, Sendable, Equatable {
    package var messages = 0
    /// The members at the time of each message, summed up.
    package var expected = 0
    package var sent = 0
    package var failed = 0
    package var membersLeast = 0
    package var membersMost = 0

    package init() {}

    mutating func add(_ round: FanOut.Round, members: Int) {
        membersLeast = messages == 0 ? members : min(membersLeast, members)
        membersMost = max(membersMost, members)
        messages += 1
        expected += members
        sent += round.sent
        failed += round.failed
    }
}
