import Reports

/// The other hosts of a plan, and how well their clocks are known: a row per host.
struct HostTable {
    let report: Report
    /// The largest size of the rows.
    let bytes: Int

    /// Nothing for a plan of one host.
    var markup: Markup {
        let hosts = report.hosts ?? []
        guard !hosts.isEmpty else { return .none }
        let rows = Bounded(hosts, bytes: bytes) { row($0) }
        let heads = [
            "host", "name", "kernel", "clock", "ahead of the runner's", "error", "drift",
            "by both hosts", "exchanges",
        ]
        return .element(
            "details", [.kind("all-runs")],
            .element(
                "summary", [],
                .element("strong", [], Markup("The other hosts, and their clocks"))),
            .element(
                "table", [.kind("runs")],
                .element(
                    "thead", [],
                    .element("tr", [], all: heads.map { .element("th", [], Markup($0)) })),
                .element("tbody", [], all: rows.shown)), rows.note)
    }

    private func row(_ host: OtherHostReport) -> Markup {
        let clock = host.clock
        let cells = [
            host.hostname ?? UnitText.none, host.kernel ?? UnitText.none, Self.state(host),
            UnitText.time(ns: clock.offsetNs), UnitText.time(ns: clock.errorNs),
            clock.driftPpm.map { "\(Self.tenths($0)) ppm" } ?? UnitText.none, Self.stated(clock),
            UnitText.count(clock.exchanges),
        ]
        return .element(
            "tr", [], .element("th", [Attribute("scope", "row")], Markup(host.name)),
            cells.map { .element("td", [], Markup($0)) }.joined())
    }

    /// The state of a clock in a few words, or the loss of its host.
    private static func state(_ host: OtherHostReport) -> String {
        if let lost = host.lost { return lost }
        guard host.clock.exchanges > 0 else { return "not known" }
        return host.clock.isConsistent ? "steady" : "stepped, or its drift changed"
    }

    /// The statement of both hosts on their own clocks, or why there is none.
    private static func stated(_ clock: OtherHostReport.Clock) -> String {
        if let refusal = clock.statedRefusal { return refusal }
        guard let errorNs = clock.statedErrorNs else { return UnitText.none }
        return UnitText.time(ns: errorNs) + (clock.statedBy.map { " (\($0))" } ?? "")
    }

    private static func tenths(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e9 else { return UnitText.none }
        let tenths = Int((abs(value) * 10).rounded())
        return "\(value < 0 && tenths > 0 ? "−" : "")\(tenths / 10).\(tenths % 10)"
    }
}
