import Harness
import JSON
import Reports
import Testing

@testable import Pictures

/// The numbers on a page are those of the JSON, in the words of the terminal's tables.
@Suite("Figures of a page")
struct FigureTests {
    /// A number that a page shows, with its origin.
    private struct Shown {
        let figure: String
        let statistic: String
        let streams: [String]
        let value: String?
        let text: String
    }

    private static func attribute(_ name: String, in tag: Substring) -> String? {
        guard let start = tag.firstRange(of: " \(name)=\"")?.upperBound else { return nil }
        return String(tag[start...].prefix { $0 != "\"" })
    }

    private static func shown(_ page: String) -> [Shown] {
        page.split(separator: "<").compactMap { part in
            guard let end = part.firstIndex(of: ">") else { return nil }
            let tag = part[..<end]
            guard let figure = attribute("data-figure", in: tag) else { return nil }
            return Shown(
                figure: figure, statistic: attribute("data-statistic", in: tag) ?? "",
                streams: (attribute("data-streams", in: tag) ?? "").split(separator: " ")
                    .map(String.init), value: attribute("value", in: tag),
                text: String(part[part.index(after: end)...]))
        }
    }

    private static func values(_ shown: Shown, in json: JSONValue) -> [Double] {
        shown.streams.compactMap { place in
            let numbers = place.split(separator: ".").compactMap { Int($0) }
            guard numbers.count == 2, case .array(let runs)? = json["runs"],
                case .array(let streams)? = runs[numbers[0]]["streams"]
            else { return nil }
            var value: JSONValue? = streams[numbers[1]]
            for key in shown.figure.split(separator: ".") { value = value?[String(key)] }
            switch value {
            case .integer(let integer)?: return Double(integer)
            case .number(let number)?: return number
            default: return nil
            }
        }
    }

    private static func expected(_ shown: Shown, _ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        guard shown.statistic == "median" else { return values.reduce(0, +) }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2)
            ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    private static func text(_ shown: Shown, _ value: Double?) -> String {
        guard shown.statistic == "median" else { return UnitText.count(value.map { Int($0) }) }
        let path = shown.figure.split(separator: ".").map(String.init)
        return UnitText.text(value, unit: ReportFormat.streamField(path)?.unit)
    }

    @Test("every number of a page is computed from the report's JSON, and reads as on the terminal")
    func numbersAreThoseOfTheJSON() throws {
        for seed in 1...UInt64(Sweep.seeds(6, wide: 100)) {
            var random = SeededGenerator(seed: seed)
            var made = MadeReport(seed: seed)
            made.repeats = Int.random(in: 1...5, using: &random)
            made.networks = Array(
                ["a", "b", "c", "d"].prefix(Int.random(in: 1...4, using: &random)))
            made.probes = Int.random(in: 1...400, using: &random)
            made.isEarlier = random.chance(0.3)
            let report = made.report
            let json = try JSONCoding.encode(report)
            let shown = Self.shown(ReportPage(reports: [report], names: ["r.json"]).html())
            let figures = Set(shown.map(\.figure))
            for figure in [
                "loss.ratio", "rtt_ns.p50", "rtt_ns.p99", "ledger.sent", "ledger.skipped",
            ] {
                #expect(
                    figures.contains(figure) || figure == "ledger.skipped",
                    "seed \(seed): the page has \(figure)")
            }
            for number in shown {
                let value = Self.expected(number, Self.values(number, in: json))
                #expect(number.text == Self.text(number, value), "seed \(seed): \(number)")
                if let written = number.value {
                    #expect(Double(written) == value, "seed \(seed): \(number)")
                }
            }
        }
    }

    @Test func aFigureWithoutAValueIsNotAZero() {
        var made = MadeReport(repeats: 1)
        made.networks = ["a"]
        var report = made.report
        report.runs[0].streams[0].rttNs = nil
        report.runs[0].streams[0].oneWayNs = nil
        let page = ReportPage(reports: [report], names: ["r"]).html()
        #expect(!page.contains("data-figure=\"one_way_ns.p50\""))
        #expect(page.contains("<span class=\"none\">–</span>"))
    }
}
