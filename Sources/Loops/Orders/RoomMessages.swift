import Metrics

/// The room that a sender's flows are members of.
package struct RoomOrder: Codable, Sendable {
    package var members: Int
    /// The maximum number of messages of a member during the measurement.
    package var messages: Int

    package init(members: Int, messages: Int) {
        self.members = members
        self.messages = messages
    }
}

/// The first copies of messages that a room's members received.
package struct RoomDeliveries: Codable, Sendable, Equatable {
    package var delivered: Int
    package var late: Int
    package var duplicates: Int
    /// The deliveries per member, in the order of the flows.
    package var deliveredByMember: [Int]
    /// The delay from the speaker's send to the member's receive.
    package var delayNs: DelaySummary?

    /// Adds the deliveries of another thread, whose flows follow.
    mutating func add(_ other: RoomDeliveries) {
        delivered += other.delivered
        late += other.late
        duplicates += other.duplicates
        deliveredByMember += other.deliveredByMember
    }
}

/// A room's deliveries of a stream's messages.
package struct RoomRounds: Codable, Sendable, Equatable {
    package var messages = 0
    /// The number of members at the time of each message, summed up.
    package var expected = 0
    package var sent = 0
    package var failed = 0
    package var membersLeast = 0
    package var membersMost = 0

    package init() {}
}
