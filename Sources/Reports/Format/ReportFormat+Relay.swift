import Impairment

extension ReportFormat {
    static let relay = ReportObject(
        "relay", "What the relay of an emulated network did: the truth behind the figures.",
        [
            .text("address", "Where it listened."),
            .text("target", "Where it sent to."),
            .integer("seed", nil, "What its decisions follow from."),
            .object(
                "own_delay_ns", delays,
                "What it adds of its own: to a datagram without delay from its arrival to the "
                    + "send call, to one with delay how much later than due it left."
            ).null("nothing was handed on"),
            .count("flows", "Client addresses."),
            .integer("held_max_bytes", .bytes, "The most payload that it held at once."),
            .count("target_resets", "ICMP port unreachable of the responder.", "RFC 1122 §4.1.3.3"),
            .count("client_resets", "ICMP port unreachable of senders that were gone."),
            .counts(
                "receive_errors", "Receive calls that failed on this host, by the errno's name.",
                "recvmsg(2)"),
            .object("forward", relayWay, "What it did to probes."),
            .object("backward", relayWay, "What it did to answers."),
        ])

    static let relayWay = ReportObject(
        "relay_way",
        "One direction of a relay, in datagrams, warm-up and copies included. Each that came is in "
            + "one of the accounts from `forwarded` to `hop_limit`.",
        [
            .count("received", "Came in."),
            .count("forwarded", "Handed on, altered or not."),
            .count("lost", "Dropped by the loss model."),
            .count("blackholed", "Came in a blackhole window."),
            .count("refused", "Due to leave through the port while that was closed."),
            .count("tail_dropped", "Did not fit the queue of the bottleneck."),
            .count("no_memory", "Did not fit the memory for what is held: this host's limit."),
            .count(
                "no_flow",
                "No socket could be had towards the responder: this host's limit. Or a stranger's: "
                    + "a run's relay serves few of them, beside the flows."),
            .count("flow_gone", "Held for a client that had to make room: this host's limit."),
            .count("send_failed", "The send call failed."),
            .count("held_at_stop", "Still held when the run was over."),
            .count(
                "hop_limit",
                "Had passed as many hops as their hop limit allows: the relay lowers it by one, "
                    + "as a router does.", "RFC 1812 §5.3.1"),
            .count("duplicated", "Extra copies that left."),
            .count(
                "reordered", "Of `forwarded`: left after a later one of their flow.",
                "RFC 4737 §3.3"),
            .count(
                "reorder_expired",
                "Held back by `reorder`, and sent on before as many later ones of their flow had "
                    + "come as it says: none came within 200 ms."),
            .count("altered", "Of `forwarded`: altered, in one way or in several."),
            .count("foreign", "Of `received`: no probes of this run."),
            .count("drops", "What its sockets had no room for: this host's limit.", "SO_MEMINFO")
                .null(uncounted),
            .object("delay_ns", delays, "What was injected into those that left.")
                .null("no delay was asked for"),
            .text(
                "decisions",
                "16 hex digits of all decisions in any order: equal for equal seeds "
                    + "and traffic."),
        ] + Alteration.all.map { .count($0.count.key, $0.count.summary) })
}
