import Reports

/// The hosts that sent a stream together: a row per host, of every run.
struct FleetTable {
    let report: Report
    /// The largest size of the rows.
    let bytes: Int

    /// Nothing, if each stream was sent by one host.
    var markup: Markup {
        let hosts = report.runs.flatMap { run in
            run.streams.flatMap { stream in
                (stream.fleet?.hosts ?? []).map { (run.titleWithNumber, stream.sender, $0) }
            }
        }
        guard !hosts.isEmpty else { return .none }
        let rows = Bounded(hosts, bytes: bytes) { run, sender, host in
            row(host, "\(run), \(sender)")
        }
        let heads = ["host", "run", "sent", "in time", "loss", "p50", "p99", "first datagram"]
        return .element(
            "details", [.kind("all-runs")],
            .element(
                "summary", [], .element("strong", [], Markup("The hosts of a stream, one by one"))),
            .element(
                "table", [.kind("runs")],
                .element(
                    "thead", [],
                    .element("tr", [], all: heads.map { .element("th", [], Markup($0)) })),
                .element("tbody", [], all: rows.shown)), rows.note)
    }

    private func row(_ host: FleetHostReport, _ run: String) -> Markup {
        let cells = [
            run, UnitText.count(host.ledger?.sent), UnitText.count(host.ledger?.inTime),
            UnitText.ratio(host.lossRatio), UnitText.time(ns: host.delayP50Ns),
            UnitText.time(ns: host.delayP99Ns), UnitText.time(ns: host.startNs),
        ]
        return .element(
            "tr", [], .element("th", [Attribute("scope", "row")], Markup(host.host)),
            cells.map { .element("td", [], Markup($0)) }.joined())
    }
}
