import Metrics

/// The room that the flows of a phase are members of.
package struct RoomPhase: Sendable {
    /// The number of members of the room, those of other threads included.
    package var members: Int
    /// The session of member 0; those of the others follow. The sessions of a warm-up directly
    /// precede it.
    package var firstSession: Int
    /// The maximum number of messages of a member.
    package var messages: Int

    package init(members: Int, firstSession: Int, messages: Int) {
        self.members = members
        self.firstSession = firstSession
        self.messages = messages
    }
}

extension SenderLoop where Kernel: ~Copyable, Content == ProbeLayout {
    /// Counts a delivery: an unaltered probe of any member.
    /// - Returns: Whether the datagram is to be handled as an answer as well: it is the flow's own
    ///   probe, or not of this room.
    mutating func tookInRoom(
        _ slot: UnsafeRawPointer, length: Int, isTruncated: Bool, flow: Int, atNs: Int64,
        nowNs: Int64
    ) -> Bool {
        guard let room = phase.room, length == phase.payloadBytes, !isTruncated,
            content.isOfRun(slot), content.fillAgrees(slot, template)
        else { return true }
        let speaker = Int(ProbeLayout.session(slot)) - room.firstSession
        // A late message of the warm-up, which counts in no figure.
        if speaker < 0, speaker >= -room.members { return false }
        guard speaker >= 0, speaker < room.members else { return true }
        let isOwn = speaker == Int(phase.firstSession) - room.firstSession + flow
        let first = UInt32(truncatingIfNeeded: phase.firstSequence)
        let number = Int(ProbeLayout.sequence(slot) &- first)
        guard content.isGenuine(slot, sequence: phase.firstSequence &+ UInt64(number)) else {
            if !isOwn { accounts.rejected.corrupt += 1 }
            return isOwn
        }
        let stampNs = ProbeLayout.sentNs(slot, anchorNs: content.anchorNs)
        let delayNs = (atNs < stampNs ? nowNs : atNs) &- stampNs
        // The send time comes from another member, and may be any number.
        guard (0..<ArrivalWindow.delayLimitNs).contains(delayNs) else {
            if !isOwn { accounts.rejected.impossible += 1 }
            return isOwn
        }
        let isSaid = deliveries.record(
            row: flow, speaker: speaker, number: number, delayNs: delayNs,
            timeoutNs: phase.timeoutNs)
        if !isSaid, !isOwn { accounts.rejected.fromFuture += 1 }
        return isOwn
    }
}

extension SenderLoop where Kernel: ~Copyable {
    /// The deliveries to the members; `nil` without a room.
    var roomResult: RoomDeliveries? {
        guard phase.room != nil else { return nil }
        return RoomDeliveries(
            delivered: deliveries.delivered, late: deliveries.late,
            duplicates: deliveries.duplicates, deliveredByMember: deliveries.deliveredByMember)
    }
}
