import Metrics

extension ReportFormat {
    package static let stream = ReportObject(
        "stream", "All flows of one sender.",
        [
            .text("sender", "The sender's name."),
            .word(
                "kind", StreamReport.Kind.self,
                "`hit-and-run`: each burst from a port that is closed at once; `requests`: those of "
                    + "a service in place of probes, `one-way-requests` if nobody answers them."),
            .count("flows", "Sockets, each with its own sequence numbers.").setting,
            .integer(
                "payload_bytes", .bytes, "UDP payload of every probe, or of the longest request."
            ).setting,
            .integer(
                "timeout_ns", .nanoseconds, "Tmax: a first copy that took longer is late.",
                "RFC 7680 §2.8.2"
            ).setting,
            .object("features", features, "What was used of what the kernel offers."),
            .object("ledger", ledger, "Where every scheduled datagram went."),
            .object("delivered", delivered, "What came of the schedule in the end."),
            .object("loss", loss, "Loss and its patterns.", "RFC 7680, RFC 6673, RFC 3357"),
            .object("duplication", duplication, "Duplication.", "RFC 5560")
                .null("`one-way-requests`"),
            .object("reordering", reordering, "Reordering.", "RFC 4737")
                .null("requests without a number"),
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
            ).null("echoed, or the error of the clocks exceeds its median"),
            .object(
                "one_way_clock", oneWayClock, "The error of the one-way delay.", "RFC 7679 §3.7.1"
            ).null("no one-way delay was measured; older versions"),
            .object("forward", way, "The way to the responder.").null(
                "hit and run or requests, without marks; older versions"),
            .object("backward", way, "The way back.").null(
                "one-way, or requests without marks; older versions"),
            .object("stamp", stamp, "The sessions of STAMP.", "RFC 8762")
                .null("the probes are no STAMP packets; older versions"),
            .object(
                "stack_ns", delays,
                "From the kernel's receive time to that of the program: what user timestamps "
                    + "would add to a delay.", "socket(7), SO_TIMESTAMPNS", unit: .nanoseconds
            ).null("the timestamps are not the kernel's, or several hosts send"),
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
            .object(
                "closed_loop", closedLoop,
                "The stream is a closed loop: a request waits for the answer to an earlier one, so "
                    + "that slow times are under-reported (coordinated omission) and less is offered "
                    + "the slower the service is."
            ).null("an open loop, or no answer is awaited; older versions"),
            .object("throughput", throughput, "Datagrams and payload per second."),
            .object("rejected", rejected, "What arrived at the sender and was no answer."),
            .counts(
                "other_errors", "The ledger's `other_error`, by the errno's name.", "send(2)"),
            .counts(
                "receive_errors",
                "Receive calls of the sender that failed on this host, by the errno's name; resets "
                    + "stand in `resets`.", "recvmsg(2)"),
            .object("resets", resets, "Port-unreachables.", "RFC 1122 §4.1.3.3"),
            .object("socket", socket, "The sender's sockets."),
            .object("addresses", addresses, "Between which addresses."),
            .object("fairness", fairness, "The shares of the flows in what was received.")
                .null("one flow; nobody tells what each flow received; older versions"),
            .object("fleet", fleet, "The hosts that sent the stream together.")
                .null("one host sent it; older versions"),
            .object("request", request, "The requests in place of probes.").null("probes"),
            .list("stages", stage, "The stages, in the order of the plan.").null("there are none"),
            .object("knee", knee, "The knee of the saturation curve.")
                .null("there are fewer than two stages"),
            .object("voice", voice, "The quality of a call.", "ITU-T G.107").null(
                "the profile is not `voip-g711`, or nothing arrived"),
            .object("chat", chat, "The room whose members the flows are.")
                .null("the responder is no room"),
            .object("search", search, "The search for its highest rate.")
                .null("the scenario searches none, or that of another sender; older versions"),
            .integer(
                "interval_ns", .nanoseconds,
                "Length of each interval but the last: 10 ms or more, so that a stream has at most "
                    + "300, and fewer where a report has many streams."
            ).null("there are none").setting,
            .list(
                "intervals", interval,
                "The stream interval by interval. Their sums are the stream's totals."),
            .object(
                "latency_course_ns", course,
                "The intervals' medians over time: a change of 5 % or more is named.",
                "Pettitt 1979, Sen 1968", unit: .nanoseconds
            ).null(courseAbsence),
            .object(
                "loss_course_ratio", course,
                "The intervals' loss ratios over time: a change of 0.001 % or more is named.",
                "Pettitt 1979, Sen 1968", unit: .ratio
            ).null(courseAbsence),
            .object("loss_map", lossMap, "Which probes were lost, and when.")
                .null("the pattern of the losses is not known"),
        ])

    static let way = ReportObject(
        "way", "One direction of a stream, of which both ends count.",
        [
            .object("loss", wayLoss, "What was lost on this way.", "RFC 7680").null(
                "it cannot be known on which way datagrams were lost"),
            .object(
                "one_way_ns", delays,
                "One-way delay. With answers it is that of the probes whose times both ends have "
                    + "kept: every 2^k-th, at most 4,096.", "RFC 7679 §3.4", unit: .nanoseconds
            ).null("not measured, or the error of the clocks exceeds its median"),
            .integer(
                "at_most_ns", .nanoseconds,
                "None of these delays was longer: the longest as measured, and the error in "
                    + "`one_way_clock`."
            ).null("no delay was measured").setting,
            .object(
                "marks", marks, "What the IP headers had when they arrived.",
                "RFC 2474, RFC 3168, RFC 9331"
            ).null(
                "the plan sets or asks for no mark, not every mark was seen; older versions"),
        ])

    private static let marks = ReportObject(
        "marks",
        "DSCP, ECN and hop limit of the first copies that arrived over one way. udplab's responders "
            + "answer with the marks of the plan, so that each way shows its own changes.",
        [
            .count(
                "count",
                "Datagrams whose marks were read: all first copies; on the way to a STAMP reflector at "
                    + "the end of a path those that were answered."),
            .count("dscp_changed", "Of these, with another DSCP than they were sent with.")
                .null(unsaid),
            .ratio("dscp_changed_ratio", "dscp_changed / count.").null(
                unsaid),
            .integer("dscp_changed_to", nil, "The first other DSCP.", "RFC 2474 §3").null(
                "\(unsaid), or none"
            ).setting,
            .count(
                "ecn_bleached", "Sent as ECT(0) or ECT(1), arrived as Not-ECT.", "RFC 3168 §5"
            ).null("\(unsaid), or not as ECT"),
            .count(
                "ecn_changed",
                "All with another ECN field than sent, but for the mark of a congested queue, CE in "
                    + "place of ECT.", "RFC 3168 §5"
            ).null(unsaid),
            .count("not_ect", "Arrived as Not-ECT."),
            .count("ect0", "Arrived as ECT(0)."),
            .count("ect1", "Arrived as ECT(1), the mark of L4S.", "RFC 9331 §4.1"),
            .count("ce", "Arrived with Congestion Experienced.", "RFC 3168 §5"),
            .ratio("ce_ratio", "ce / count.").null("nothing arrived"),
            .integer("ttl_min", nil, "The least hop limit.", "RFC 791 §3.1, RFC 8200 §3").null(
                "the kernel reports none"),
            .integer("ttl_max", nil, "The largest.").null("the kernel reports none"),
        ])

    private static let unsaid =
        "the responder is not udplab's own and tells no class of service, or nothing arrived"

    private static let wayLoss = ReportObject(
        "way_loss",
        "Losses between the hosts of both ends: the network's, injected and altered datagrams "
            + "included. What the ends themselves dropped is not in it.",
        [
            .count("count", "Datagrams lost on this way."),
            .ratio("ratio", "Of those that were sent on it: probes there, answers back.")
                .null("nothing was sent on it"),
        ])

    private static let request = ReportObject(
        "request", "What was asked of the service.",
        [
            .text("name", "The kind of request, as in the plan: `dns`, `text`."),
            .word(
                "answer", RequestReport.Answer.self,
                "How an answer is told: `rule` is by its number at the place that the plan says."),
            .text(
                "first_wrong_answer",
                "The beginning of the first `wrong_answer`, 64 B at most: UTF-8, with escapes for "
                    + "what is none, or what a terminal obeys."
            ).null("no answer was wrong"),
        ])

    private static let oneWayClock = ReportObject(
        "one_way_clock", "How well the clocks of both ends of a one-way delay agree.",
        [
            .integer(
                "error_ns", .nanoseconds, "The largest error of every one-way delay."
            ).setting,
            .word(
                "error_source", OneWayDelays.Source.self,
                "`exchange`: by exchanges of times with the other host, or because no delay is below "
                    + "zero; `estimates`: of both clocks; `ntp`, `ptp`: by what both hosts state, "
                    + "where that is less."),
            .integer(
                "at_most_ns", .nanoseconds,
                "No delay was longer: the longest as measured, and the error."
            ).null("no delay was measured").setting,
        ])

    private static let courseAbsence = "fewer than \(Course.valuesLeast) intervals have it"

    private static let course = ReportObject(
        "course",
        "A drift or a step over the intervals, the last left out. A step: Pettitt's test with "
            + "p ≤ 10⁻⁴; a drift: Mann and Kendall's with p ≤ 10⁻⁴, and Theil and Sen's line. "
            + "Either is at least four times the noise around it.",
        [
            .word(
                "kind", Course.Kind.self,
                "`steady`: neither; both levels are then the median of all."),
            .number("before", "The level before the step, or where the drift begins."),
            .number("after", "The level after it, or where the drift ends."),
            .measure(
                "at_ns", .nanoseconds, "Start of the first interval after the step.",
                minimum: nil
            ).null("without a step"),
        ])

    private static let fairness = ReportObject(
        "fairness", "The first copies received of each flow, late ones included, compared.",
        [
            .ratio(
                "index",
                "Jain's index over the flows: 1 if all received as many, 1 / n if one of n received "
                    + "all.", "Jain, Chiu, Hawe 1984"
            ).null("nothing was received"),
            .count("worst_flow", "Number, from 0, of the flow that received least.").setting,
            .count("worst_received", "What it received."),
            .count("best_flow", "Number of the flow that received most.").setting,
            .count("best_received", "What it received."),
        ])

    static let fleet = ReportObject(
        "fleet", "The hosts that sent a stream together: its figures are of all of them.",
        [
            .measure(
                "start_spread_ns", .nanoseconds,
                "Between the first datagrams of the hosts that sent first and last."
            ).null("fewer than two sent"),
            .ratio(
                "fairness",
                "Jain's index over the hosts' datagrams in time per flow: 1 if all have as many, "
                    + "1 / n if one of n has all.", "Jain, Chiu, Hawe 1984"
            ).null("none was in time"),
            .list("hosts", fleetHost, "Each host, in the order of the plan."),
        ])

    private static let fleetHost = ReportObject(
        "fleet_host", "The share of one host in a stream.",
        [
            .text("host", "The host's name in the plan; `here` is the runner's own."),
            .count("flows", "Its flows.").setting,
            .measure(
                "start_ns", .nanoseconds,
                "Send time of its first datagram from the first measured slot, on the runner's "
                    + "clock: exact up to the clock's error in `hosts`.", minimum: nil
            ).null("it sent nothing"),
            .object("ledger", ledger, "Its own ledger.").null("the host was lost"),
            .ratio("loss_ratio", "The loss of its datagrams, late ones included.").null(
                "it sent nothing"),
            .measure(
                "delay_p50_ns", .nanoseconds,
                "Median of the round trips, or of the one-way delays to a sink."
            ).null("there are none"),
            .measure("delay_p99_ns", .nanoseconds, "Their 99th percentile.").null(
                "there are none"),
            .ratio(
                "stall_share",
                "Of the measured time, that in which the host stopped or descheduled its sender."
            ).null("in no time, or it sent nothing"),
            .measure("sent_pps", .packetsPerSecond, "Datagrams sent per second.").null(
                "in no time"),
            .measure("received_pps", .packetsPerSecond, "First copies received per second.").null(
                "in no time, or the receiver does not tell"),
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
            .word(
                "error_queue", FeaturesReport.Use.self,
                "IP_RECVERR: without it a full queue of this host looks like loss.", "ip(7)"),
        ])

    static let ledger = ReportObject(
        "ledger", "Accounts of unique datagrams, in the order of the lines that must balance.",
        [
            .count("scheduled", "Slots of the plan."),
            .count("sent", "Send calls that succeeded."),
            .count("skipped", "Slots that the sender could not reach in time."),
            .count(
                "waiting",
                "Slots at which the flow still awaited the answer to its one request, by "
                    + "`\"answer\": \"any\"`: the service's time, not this host's."
            ).null("a flow has several requests, or probes, at a time"),
            .count("refused", "ECONNREFUSED, also when sent once more: nothing left.", "udp(7)"),
            .count("local_queue", "ENOBUFS: a queue of this host was full.", "send(2)"),
            .count("local_firewall", "EPERM: a rule of this host."),
            .count("too_big", "EMSGSIZE.", "udp(7)"),
            .count("other_error", "Any other errno; `other_errors` names them."),
            .count(
                "forward_injected",
                "Dropped by the relay or the made network on the way there, or still held by it when "
                    + "its drain had lasted for 10 s."
            ).null("without a relay"),
            .count(
                "forward_corrupt",
                "Altered on the way there, which is a loss: what the relay altered and handed on."
            ).null(unknown),
            .count("responder_overflow", "No room in the responder's socket.", "SO_MEMINFO")
                .null(unknown),
            .count(
                "outage",
                "Met a responder that the timeline had stopped, or died in the buffer of one that it "
                    + "killed or had not resumed by the end."
            ).null("without a timeline"),
            .count("forward_lost", "The remainder of the way there: the network's loss.")
                .null(unknown),
            .count(
                "untold",
                "Sent to a receiver that neither answers nor told what it received: not lost, as far "
                    + "as anybody knows."
            ).null("answers are awaited, or the responder counts"),
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
            .count(
                "beyond_window",
                "Answered, and so late that the sender could no longer tell the probe: after twice "
                    + "the timeout or after the drain. No loss of the network."
            ).null(unknown),
            .count("backward_lost", "The remainder of the way back: the network's loss.")
                .null(unknown),
            .count("lost_unsplit", "Missing on the way there or back.")
                .null("the responder says which"),
            .count("received", "First copies that arrived."),
            .count("in_time", "Of these, within the timeout."),
            .count("late", "Of these, after it."),
            .count(
                "wrong_answer",
                "Of these, answered, but not with what was asked for: without a property of the "
                    + "plan's `valid`. They are in no delay, and are no loss."
            ).null("probes"),
        ])

    private static let unknown = "it cannot be known"
    static let uncounted = "the kernel does not say"

    static let delivered = ReportObject(
        "delivered", "What came of the schedule in the end, sent or not.",
        [
            .ratio(
                "ratio",
                "`in_time` / `scheduled`. What never left this host is in no loss; here it is "
                    + "missing."
            ).null("nothing was scheduled, or nothing is awaited")
        ])

    static let pacing = ReportObject(
        "pacing", "How well the schedule was held.",
        [
            .measure("intended_pps", .packetsPerSecond, "The plan's rate, all flows together.")
                .null("at `\"rate\": \"max\"`"),
            .measure(
                "achieved_pps", .packetsPerSecond, "What was sent of it, over the measured time."
            ).null("in no time"),
            .count("skipped", "As in the ledger."),
            .object(
                "error_ns", signedDelays, "Actual minus intended send time.", unit: .nanoseconds
            ).null("at `\"rate\": \"max\"`"),
            .count("largest_burst", "Most datagrams sent back to back to catch up."),
            .object("stalls", stalls, "When the sender was stopped or descheduled."),
        ])

    static let stalls = ReportObject(
        "stalls",
        "Times of 10 ms or more in which the process was stopped or descheduled, waits not counted.",
        [
            .count("count", "How many."),
            .measure("longest_ns", .nanoseconds, "The longest of them."),
            .measure("total_ns", .nanoseconds, "All of them, over all threads."),
            .ratio("share", "Of the measured time of all threads, what they took.")
                .null("in no time"),
        ])

    static let throughput = ReportObject(
        "throughput",
        "Datagrams and payload per second of measured time, headers not counted. The measured time "
            + "is that of the plan, from the start of the first measured slot: a `duration` whole, "
            + "a `count` until the last was sent, and what is stopped until it is stopped. A "
            + "sender that this host stops for a part of it has sent less, not faster.",
        [
            .measure("measured_ns", .nanoseconds, "The measured time.").null("in no time"),
            .measure("sent_pps", .packetsPerSecond, "Datagrams sent.").null("in no time"),
            .measure(
                "received_pps", .packetsPerSecond,
                "First copies received, those after the end of the measured time included: the "
                    + "wait for them does not lengthen it."
            ).null("in no time, or the receiver does not tell"),
            .measure(
                "peak_received_pps", .packetsPerSecond,
                "Of the second in which most were received, or of the interval if intervals are "
                    + "longer."
            ).null("no whole second or interval lies within the measured time"),
            .measure("sent_bits_per_second", .bitsPerSecond, "UDP payload sent.")
                .null("in no time"),
            .measure("received_bits_per_second", .bitsPerSecond, "UDP payload of first copies.")
                .null("in no time, or the receiver does not tell"),
        ])

    static let rejected = ReportObject(
        "rejected", "What arrived at the sender and was no answer: each is counted once, here.",
        [
            .count("short", "Shorter than a probe."),
            .count("truncated", "Longer than a probe.", "recvmsg(2), MSG_TRUNC"),
            .count("peer", "From another address."),
            .count("run_id", "Of another run."),
            .count("warm_up", "Answers to probes of the warm-up, which no figure counts."),
            .count("from_future", "For a sequence number that was not sent."),
            .count("impossible", "Received before it was sent."),
            .count(
                "corrupt", "A header whose check fails, or a payload that was not sent."),
            .count("beyond_window", "Too old to be told from a copy."),
            .count("unmatched", "Answers no request, by the plan's `answer`.").null("probes"),
        ])

    static let socket = ReportObject(
        "socket", "Each of the sender's sockets, and what all of them dropped.",
        [
            .integer("receive_buffer_asked_bytes", .bytes, "Receive buffer asked for.", "socket(7)")
                .null("the default was left").setting,
            .integer(
                "receive_buffer_granted_bytes", .bytes,
                "Receive buffer read back: the kernel "
                    + "doubles what was asked for.", "socket(7)"
            ).null(uncounted).setting,
            .integer("send_buffer_asked_bytes", .bytes, "Send buffer asked for.", "socket(7)")
                .null("the default was left").setting,
            .integer(
                "send_buffer_granted_bytes", .bytes, "Send buffer read back.", "socket(7)"
            ).null(uncounted).setting,
            .count("drops", "Arrivals without room, of all sockets.", "SO_MEMINFO")
                .null(uncounted),
            .integer(
                "path_mtu_bytes", .bytes,
                "MTU of the path as the kernel knew it at the end: that of the interface, or what an "
                    + "ICMP message said since. IP packets, headers included.", "ip(7), IP_MTU"
            ).null(uncounted).setting,
            .count(
                "packet_too_big",
                "ICMP messages that a probe does not fit the path (type 3 code 4, ICMPv6 type 2): "
                    + "those probes are lost to its MTU.", "RFC 1191 §4, RFC 4443 §3.2"),
        ])

    static let addresses = ReportObject(
        "addresses", "Between which addresses the stream ran.",
        [
            .texts("local", "One per flow, in their order."),
            .text("remote", "Where the probes went."),
        ])
}
