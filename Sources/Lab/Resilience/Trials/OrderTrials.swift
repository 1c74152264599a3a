import Reports

/// Trials of duplicates and reordering, which must not affect an echo.
enum OrderTrials {
    static let all = [copies]

    private static let probes = 50

    static let copies = Trial(
        id: "duplicates", title: "Duplicates and reordering in",
        expectation: "each copy of a datagram is answered, in whatever order they come",
        profile: .basic
    ) { bench in
        let did = "sent \(probes) datagrams, and all of them once more in another order"
        let order = Volley(count: probes, window: 20, isShuffledTwice: true)
        let datagrams = try bench.volley(order, from: [bench.regular])
        let saw = "\(Losses.answered(datagrams)); \(Losses.text(datagrams))"
        if let damage = try bench.damage() {
            return .fail(
                did, saw: "\(saw); \(damage.text)", change: damage.change ?? bench.advice.survive)
        }
        if datagrams.answered == datagrams.sent {
            return .pass(did, saw: saw, datagrams: datagrams)
        }
        if datagrams.altered > 0 {
            bench.missesAnyway = "it joins datagrams, or changes them (see duplicates)"
            return .fail(
                did, saw: "\(saw); \(datagrams.altered) answers were not what was asked",
                change: "answer each datagram with one of its own: a pipe or another stream "
                    + "between the two calls joins datagrams that come close together",
                datagrams: datagrams)
        }
        if datagrams.lostElsewhere == 0 { return .pass(did, saw: saw, datagrams: datagrams) }
        if let why = bench.missesAnyway { return .notApplicable(why, did: did) }
        guard datagrams.answered == probes else {
            bench.missesAnyway = "it leaves datagrams unanswered without any reset (see duplicates)"
            return .degraded(
                did, saw: saw, change: "answer every datagram, also when several are waiting",
                datagrams: datagrams)
        }
        return .degraded(
            did, saw: saw,
            change: "keep no state about datagrams: UDP may deliver one twice or out of order, "
                + "and an echo answers what comes", datagrams: datagrams)
    }
}
