extension ReportFormat {
    static let stream = ReportObject(
        "stream", "All flows of one sender.",
        [
            .text("sender", "The sender's name."),
            .word(
                "kind", StreamReport.Kind.self,
                "`hit-and-run`: each burst from a port that is closed at once."),
            .count("flows", "Sockets, each with its own sequence numbers."),
            .integer("payload_bytes", .bytes, "UDP payload of every probe."),
            .integer(
                "timeout_ns", .nanoseconds, "Tmax: a first copy that took longer is late.",
                "RFC 7680 §2.8.2"),
            .object("features", features, "What was used of what the kernel offers."),
            .object("ledger", ledger, "Where every scheduled datagram went."),
            .object("loss", loss, "Loss and its patterns.", "RFC 7680, RFC 6673, RFC 3357"),
            .object("duplication", duplication, "Duplication.", "RFC 5560"),
            .object("reordering", reordering, "Reordering.", "RFC 4737"),
            .object(
                "rtt_ns", delays, "Round-trip time from the actual send time.", "RFC 2681 §2.4",
                unit: .nanoseconds
            ).null("one-way"),
            .object(
                "rtt_intended_ns", delays,
                "Round-trip time from the intended send time: free of "
                    + "coordinated omission.", "RFC 2681 §2.4", unit: .nanoseconds
            ).null("one-way, or at `\"rate\": \"max\"`"),
            .object(
                "one_way_ns", delays, "One-way delay.", "RFC 7679 §3.4", unit: .nanoseconds
            ).null("echoed, or the clocks are not one"),
            .object(
                "stack_ns", delays,
                "From the kernel's receive time to that of the program: what user timestamps "
                    + "would add to a delay.", "socket(7), SO_TIMESTAMPNS", unit: .nanoseconds
            ).null("the timestamps are not the kernel's"),
            .object(
                "ipdv_ns", signedDelays, "Delay minus that of the probe sent before it.",
                "RFC 3393 §2.4, RFC 5481 §4.1", unit: .nanoseconds),
            .object(
                "pdv_ns", delays, "Delay minus the least delay.", "RFC 5481 §4.2",
                unit: .nanoseconds),
            .measure(
                "rtp_jitter_ns", .nanoseconds,
                "Interarrival jitter: the mean of the flows' last "
                    + "estimates.", "RFC 3550 §6.4.1, A.8"
            ).null("no flow had two arrivals"),
            .object("pacing", pacing, "How well the schedule was held."),
            .object("throughput", throughput, "Datagrams and payload per second."),
            .object("rejected", rejected, "What arrived at the sender and was no answer."),
            .counts(
                "other_errors", "The ledger's `other_error`, by the errno's name.", "send(2)"),
            .object("resets", resets, "Port-unreachables.", "RFC 1122 §4.1.3.3"),
            .object("socket", socket, "The sender's sockets."),
            .object("addresses", addresses, "Between which addresses."),
            .object("chat", chat, "The room whose members the flows are.")
                .null("the responder is no room"),
            .list("intervals", interval, "The stream second by second."),
            .flag("intervals_overflowed", "Whether the last interval holds all that came after."),
        ])

    static let features = ReportObject(
        "features",
        "What was used of what the kernel offers. `unsupported`: not to be had; "
            + "`abandoned`: in use until a call failed.",
        [
            .word("sendmmsg", FeaturesReport.Use.self, "Batches on sending.", "sendmmsg(2)"),
            .word("gso", FeaturesReport.Use.self, "UDP_SEGMENT.", "udp(7)"),
            .word("recvmmsg", FeaturesReport.Use.self, "Batches on receiving.", "recvmmsg(2)"),
            .word("gro", FeaturesReport.Use.self, "UDP_GRO.", "udp(7)"),
            .word(
                "timestamps", FeaturesReport.Timestamps.self, "Who took the receive times.",
                "socket(7)"),
        ])

    static let ledger = ReportObject(
        "ledger", "Accounts of unique datagrams, in the order of the lines that must balance.",
        [
            .count("scheduled", "Slots of the plan."),
            .count("sent", "Send calls that succeeded."),
            .count("skipped", "Slots that the sender could not reach in time."),
            .count("refused", "ECONNREFUSED, also when sent once more: nothing left.", "udp(7)"),
            .count("local_queue", "ENOBUFS: a queue of this host was full.", "send(2)"),
            .count("local_firewall", "EPERM: a rule of this host."),
            .count("too_big", "EMSGSIZE.", "udp(7)"),
            .count("other_error", "Any other errno; `other_errors` names them."),
            .count("forward_injected", "Dropped by the relay or the made network on the way there.")
                .null("without a relay"),
            .count(
                "forward_corrupt",
                "Altered on the way there, which is a loss: what the relay altered and handed on."
            ).null(unknown),
            .count("responder_overflow", "No room in the responder's socket.", "SO_MEMINFO")
                .null(unknown),
            .count("outage", "Met a responder that the timeline had stopped.")
                .null("without a timeline"),
            .count("forward_lost", "The remainder of the way there: the network's loss.")
                .null(unknown),
            .count("responder_received", "Reached the responder.").null(unknown),
            .count("echoed", "Sent back.").null(unknown),
            .count("echo_failed", "Received, and the responder did not answer: see `responder`.")
                .null(unknown),
            .count("rejected", "The responder did not answer them.").null(unknown),
            .count("backward_injected", "Dropped by the relay or the made network on the way back.")
                .null("without a relay"),
            .count(
                "backward_corrupt",
                "Altered on the way back, which is a loss: what the relay altered and handed on."
            ).null(unknown),
            .count("sender_overflow", "No room in the sender's sockets.", "SO_MEMINFO")
                .null(unknown),
            .count("backward_lost", "The remainder of the way back: the network's loss.")
                .null(unknown),
            .count("lost_unsplit", "Missing on the way there or back.")
                .null("the responder says which"),
            .count("received", "First copies that arrived."),
            .count("in_time", "Of these, within the timeout."),
            .count("late", "Of these, after it."),
        ])

    private static let unknown = "it cannot be known"

    static let pacing = ReportObject(
        "pacing", "How well the schedule was held.",
        [
            .measure("intended_pps", .packetsPerSecond, "The plan's rate, all flows together.")
                .null("at `\"rate\": \"max\"`"),
            .measure("achieved_pps", .packetsPerSecond, "What was sent of it.")
                .null("in no time"),
            .count("skipped", "As in the ledger."),
            .object(
                "error_ns", signedDelays, "Actual minus intended send time.", unit: .nanoseconds
            ).null("at `\"rate\": \"max\"`"),
            .count("largest_burst", "Most datagrams sent back to back to catch up."),
            .object("stalls", stalls, "When the sender stood still."),
        ])

    static let stalls = ReportObject(
        "stalls", "Times of 50 ms or more in which the sender stood still, waits not counted.",
        [
            .count("count", "How many."),
            .measure("longest_ns", .nanoseconds, "The longest of them."),
            .measure("total_ns", .nanoseconds, "All of them, over all threads."),
        ])

    static let throughput = ReportObject(
        "throughput", "Datagrams and payload per second, headers not counted.",
        [
            .measure("sent_pps", .packetsPerSecond, "Datagrams sent.").null("in no time"),
            .measure("received_pps", .packetsPerSecond, "First copies received.")
                .null("in no time"),
            .measure("sent_bits_per_second", .bitsPerSecond, "UDP payload sent.")
                .null("in no time"),
            .measure("received_bits_per_second", .bitsPerSecond, "UDP payload of first copies.")
                .null("in no time"),
        ])

    static let rejected = ReportObject(
        "rejected", "What arrived at the sender and was no answer: each is counted once, here.",
        [
            .count("short", "Shorter than a probe."),
            .count("truncated", "Longer than a probe.", "recvmsg(2), MSG_TRUNC"),
            .count("peer", "From another address."),
            .count("run_id", "Of another run."),
            .count("from_future", "For a sequence number that was not sent."),
            .count("impossible", "Received before it was sent."),
            .count(
                "corrupt", "With a header whose check does not hold, or a payload that was not sent."),
            .count("beyond_window", "Too old to be told from a copy."),
        ])

    static let socket = ReportObject(
        "socket", "Each of the sender's sockets, and what all of them dropped.",
        [
            .integer("receive_buffer_asked_bytes", .bytes, "Receive buffer asked for.", "socket(7)")
                .null("the default was left"),
            .integer(
                "receive_buffer_granted_bytes", .bytes,
                "Receive buffer read back: the kernel "
                    + "doubles what was asked for.", "socket(7)"),
            .integer("send_buffer_asked_bytes", .bytes, "Send buffer asked for.", "socket(7)")
                .null("the default was left"),
            .integer(
                "send_buffer_granted_bytes", .bytes, "Send buffer read back.", "socket(7)"),
            .count("drops", "Arrivals without room, of all sockets.", "SO_MEMINFO"),
        ])

    static let addresses = ReportObject(
        "addresses", "Between which addresses the stream ran.",
        [
            .texts("local", "One per flow, in their order."),
            .text("remote", "Where the probes went."),
        ])

    static let interval = ReportObject(
        "interval",
        "One interval. `sent` and `lost` go by the time of sending, the rest by that of arrival.",
        [
            .integer("start_ns", .nanoseconds, "From the stream's start."),
            .count("sent", "Probes sent."),
            .count("refused", "Probes not sent because of a reset, as in the ledger."),
            .count("received", "First copies received."),
            .count("lost", "Of the probes sent, those late or never received."),
            .count("duplicates", "Copies beyond the first."),
            .count("reordered", "First copies out of order."),
            .integer(
                "rtt_p50_ns", .nanoseconds,
                "Median delay, to 0.8 %; one-way if that is "
                    + "measured."
            ).null("without arrivals"),
            .integer("rtt_p99_ns", .nanoseconds, "The 99th percentile, likewise.")
                .null("without arrivals"),
            .ratio("availability", "Probes answered in time / (sent + refused).")
                .null("nothing was to be sent, or nothing is awaited"),
        ])
}
