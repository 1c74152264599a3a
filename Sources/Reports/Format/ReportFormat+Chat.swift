extension ReportFormat {
    static let chat = ReportObject(
        "chat",
        "The room whose members the flows are. A delivery is one message at one member; the lines "
            + "expected = fanned_out + failed, fanned_out = member_overflow + lost + delivered and "
            + "delivered = in_time + late must balance.",
        [
            .count("members", "Flows of the stream."),
            .count("members_least", "The fewest that were in the room when a message went round."),
            .count("members_most", "The most."),
            .count("messages", "Messages that reached the room, copies not counted."),
            .count("expected", "The members at the time of each message, summed up."),
            .count("fanned_out", "Deliveries that the room's socket took."),
            .count("failed", "Deliveries that it did not take."),
            .count("member_overflow", "No room in the members' sockets.", "SO_MEMINFO")
                .null(uncounted),
            .count("lost", "The remainder: the network's loss."),
            .count("delivered", "First copies that members received."),
            .count("in_time", "Of these, within the timeout."),
            .count("late", "Of these, after it."),
            .count("missing", "Expected and not delivered."),
            .count("duplicates", "Copies beyond the first."),
            .count("complete", "Members that got every message."),
            .count("delivered_least", "What the member got that got least."),
            .object(
                "delivery_ns", delays, "From the speaker's send to the member's receive.",
                "RFC 7679 §3.4", unit: .nanoseconds
            ).null("without deliveries"),
        ])
}
