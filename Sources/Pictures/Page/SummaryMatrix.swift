import Metrics
import Reports

/// The part of the summary on one scenario: a row per network and stream, with the loss and its
/// places, the delays, the rate, and what this host lost.
struct SummaryMatrix {
    let title: String
    let headline: Markup
    let groups: [StreamGroup]
    /// The highest loss, which has the longest bar.
    private let lossMost: Double

    init(title: String, headline: Markup, groups: [StreamGroup]) {
        self.title = title
        self.headline = headline
        self.groups = groups
        lossMost = groups.map { $0.lossBar.map(\.share).reduce(0, +) }.max() ?? 0
    }

    private static let heads = [
        "network", "runs passed", "loss", "where it was lost", "p50", "p99", "jitter", "received",
        "this host lost",
    ]

    /// Returns the table of several scenarios.
    static func table(_ parts: [Markup]) -> Markup {
        let head = Markup.element(
            "thead", [], .element("tr", [], all: heads.map { .element("th", [], Markup($0)) }))
        return .element("table", [.kind("matrix")], head, parts.joined())
    }

    var markup: Markup {
        let head = Markup.element(
            "tr", [.kind("scenario")],
            .element(
                "td", [Attribute("colspan", "\(Self.heads.count)")],
                .element("h2", [], Markup(title)), headline))
        return .element("tbody", [], head, groups.map(row).joined())
    }

    private func row(_ group: StreamGroup) -> Markup {
        let senders = Set(groups.compactMap(\.sender)).count
        let name =
            Markup(group.network)
            + (senders > 1
                ? .element("span", [.kind("sender")], Markup(group.sender ?? "")) : .none)
        return .element(
            "tr", group.isLimited ? [.kind("limited")] : [],
            .element("th", [Attribute("scope", "row")], name),
            cell(1, passed(group)), cell(2, loss(group)), cell(3, places(group)),
            cell(4, time(group, "p50") { $0.p50 }), cell(5, time(group, "p99") { $0.p99 }),
            cell(6, jitter(group)), cell(7, received(group)), cell(8, host(group)))
    }

    private func cell(_ head: Int, _ content: Markup) -> Markup {
        .element(
            "td", [Attribute("data-head", Self.heads[head]), .kind("c\(head)")], content)
    }

    private func passed(_ group: StreamGroup) -> Markup {
        let passed = group.runs.count { $0.verdict == .pass }
        let signs = group.runs.prefix(40).map { run in
            run.verdict.sign("run \(run.repeat): \(run.verdict.rawValue)")
        }
        return .element("span", [.kind("signs")], all: signs)
            + Markup(" \(passed) of \(group.runs.count)")
    }

    private func loss(_ group: StreamGroup) -> Markup {
        let loss = group.summary(\.loss.ratio)
        return .number(
            UnitText.ratio(loss.median), loss.median, Origin("loss.ratio", .median, group))
            + Self.interval(loss)
    }

    /// Returns the interval of a median, with its confidence for the pointer.
    static func interval(_ side: SideReport, _ text: (Double?) -> String = UnitText.ratio) -> Markup
    {
        guard let low = side.low, let high = side.high, let confidence = side.confidence else {
            return .none
        }
        let share = UnitText.ratio((confidence * 1_000).rounded(.down) / 1_000)
        return .element(
            "span",
            [
                .kind("interval"),
                Attribute("title", "\(share) interval of the median of \(side.values.count) runs"),
            ], Markup("\(text(low)) … \(text(high))"))
    }

    private func places(_ group: StreamGroup) -> Markup {
        let bar = group.lossBar
        guard !bar.isEmpty else {
            return .element(
                "span", [.kind("none")],
                Markup(group.members.isEmpty ? UnitText.none : "nothing lost"))
        }
        var x = 0.0
        let parts = bar.map { part -> Markup in
            let width = lossMost > 0 ? part.share / lossMost : 0
            defer { x += width }
            return .element(
                "rect",
                [
                    Attribute("x", share: x), Attribute("y", 0.0), Attribute("width", share: width),
                    Attribute("height", 10.0), .kind(part.place.kind),
                ], Plot.tip(part.words))
        }
        let picture = Markup.element(
            "svg",
            [
                .kind("bar"), Attribute("width", "100%"), Attribute("height", 10.0),
                Attribute("aria-hidden", "true"),
            ],
            all: parts)
        let words = bar.map { part in
            Markup.element(
                "span", [.kind("part")],
                .element("i", [.kind("swatch \(part.place.kind)")]), Markup(part.words))
        }
        return picture + .element("span", [.kind("parts")], all: words)
    }

    private func time(
        _ group: StreamGroup, _ name: String, _ value: @escaping (DelaySummary) -> Int?
    ) -> Markup {
        let isOneWay = group.members.allSatisfy { $0.stream.rttNs == nil }
        let side = group.summary { StreamGroup.delays($0).flatMap(value).map(Double.init) }
        let figure = (isOneWay ? "one_way_ns." : "rtt_ns.") + name
        return .number(UnitText.time(ns: side.median), side.median, Origin(figure, .median, group))
            + (isOneWay ? .none : eachWay(group, name, value))
    }

    /// Returns the delay of the way there and of the way back, as far as they are known.
    private func eachWay(
        _ group: StreamGroup, _ name: String, _ value: @escaping (DelaySummary) -> Int?
    ) -> Markup {
        let ways = [
            ("there ", "forward", \StreamReport.forward), ("back ", "backward", \.backward),
        ].compactMap { words, key, way -> Markup? in
            let side = group.summary { $0[keyPath: way]?.oneWayNs.flatMap(value).map(Double.init) }
            guard side.median != nil else { return nil }
            let origin = Origin("\(key).one_way_ns.\(name)", .median, group)
            return .element(
                "span", [.kind("interval")],
                Markup(words) + .number(UnitText.time(ns: side.median), side.median, origin))
        }
        return ways.reduce(.none) { $0 + $1 }
    }

    private func jitter(_ group: StreamGroup) -> Markup {
        let side = group.summary(\.rtpJitterNs)
        return .number(
            UnitText.time(ns: side.median), side.median, Origin("rtp_jitter_ns", .median, group))
    }

    private func received(_ group: StreamGroup) -> Markup {
        let bits = group.summary(\.throughput.receivedBitsPerSecond)
        let packets = group.summary(\.throughput.receivedPps)
        return .number(
            UnitText.bitRate(bits.median), bits.median,
            Origin("throughput.received_bits_per_second", .median, group))
            + .element(
                "span", [.kind("interval")],
                .number(
                    UnitText.packetRate(packets.median), packets.median,
                    Origin("throughput.received_pps", .median, group)))
    }

    private func host(_ group: StreamGroup) -> Markup {
        let ledger = group.allLedger
        let count = ledger.lostByHost
        let parts = ledger.lossesByHost.filter { $0.count > 0 }.map {
            "\($0.words) \(UnitText.count($0.count))"
        }
        let total = Markup.element(
            "span", count > 0 ? [.kind("warn")] : [],
            Markup(UnitText.count(count)))
        guard !parts.isEmpty else { return total }
        return total
            + .element("span", [.kind("interval")], Markup(parts.joined(separator: ", ")))
    }
}

extension StreamGroup {
    /// A part of the loss.
    struct LossPart: Sendable {
        let place: LossPlace
        let count: Int
        /// The share of the datagrams scheduled.
        let share: Double

        var words: String { "\(UnitText.ratio(share)) \(place.name)" }
    }

    /// The loss by place, as shares of the datagrams scheduled; places without losses are left out.
    var lossBar: [LossPart] {
        let ledger = ledger
        guard ledger.scheduled > 0 else { return [] }
        return LossPlace.allCases.compactMap { place in
            let count = ledger.lossAccounts.filter { $0.place == place }
                .map { $0.count ?? 0 }.clampedSum
            guard count > 0 else { return nil }
            return LossPart(
                place: place, count: count, share: Double(count) / Double(ledger.scheduled))
        }
    }
}
