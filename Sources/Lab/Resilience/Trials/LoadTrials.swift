import Datagrams
import Reports

/// Trials of load: in a burst, at a rate, over a period.
enum LoadTrials {
    static let all = [burst, sustained]

    private static let burstCount = 10_000
    private static let sustainedPps = 1_000
    private static let sustainedCount = 2_000

    static let burst = Trial(
        id: "burst", title: "Burst of 10,000",
        expectation: "what fits into its buffer is answered, and it serves on", profile: .strict
    ) { bench in
        let did =
            "sent \(Wording.count(burstCount)) \(bench.text.words(bytes: 64)) as fast as they go"
        return try load(
            bench, Volley(count: burstCount), did,
            change: "a burst of this size is more than its buffer holds: \(bench.bufferAdvice)")
    }

    static let sustained = Trial(
        id: "sustained", title: "Sustained rate",
        expectation: "1,000 datagrams a second for two seconds are all answered",
        profile: .strict
    ) { bench in
        let did =
            "sent \(Wording.count(sustainedCount)) \(bench.text.words(bytes: 160)) at "
            + "\(Wording.count(sustainedPps)) a second"
        let order = Volley(
            count: sustainedCount, bytes: 160,
            intervalNs: Bench.secondNs / Int64(sustainedPps))
        return try load(
            bench, order, did,
            change: "it, or this host, is slower than \(Wording.count(sustainedPps)) datagrams a "
                + "second: do less for each, and \(bench.bufferAdvice)")
    }

    private static func load(
        _ bench: Bench, _ order: Volley, _ did: String, change: String
    ) throws -> Outcome {
        let datagrams = try bench.volley(order, from: [bench.regular])
        let saw = "\(Losses.answered(datagrams)); \(Losses.text(datagrams))"
        if let damage = try bench.damage() {
            // The place of the other losses is unknown, because the socket is closed.
            let saw = damage.kind == .died ? Losses.answered(datagrams) : saw
            return .fail(
                did, saw: "\(saw); \(damage.text)", change: damage.change ?? bench.advice.survive,
                datagrams: datagrams)
        }
        if datagrams.answered == datagrams.sent {
            return .pass(did, saw: saw, datagrams: datagrams)
        }
        if datagrams.lostElsewhere == 0 {
            // The battery's own buffer is not the server's fault.
            return datagrams.lostInServerBuffer == 0
                ? .pass(did, saw: saw, datagrams: datagrams)
                : .degraded(did, saw: saw, change: change, datagrams: datagrams)
        }
        if let why = bench.missesAnyway { return .notApplicable(why, did: did) }
        return .degraded(
            did, saw: saw,
            change: bench.isLocal
                ? "it took datagrams from its buffer and did not answer them: look for errors of "
                    + "send that are ignored, and for early returns"
                : change, datagrams: datagrams)
    }
}
