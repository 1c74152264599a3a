import JSON
import Reports

/// A bound on how much worse than a baseline a figure may be: `rtt.p99 +10%`.
///
///     bounds    = bound *("," bound)
///     bound     = FIGURE SIGN ALLOWANCE
///     SIGN      = "+"     the figure must not rise by more
///               / "-"     the figure must not fall by more
///     ALLOWANCE = a share of the baseline, `10%`, for every figure that is no ratio
///               / a value of the figure's own unit, as in a threshold: `2ms`, `5kpps`, `10`
///               / for a ratio, percentage points: `0.1%`, or `0.001`
///
/// A figure has the same name as in a threshold.
package struct RegressionBound: Sendable, Equatable {
    package enum Allowance: Sendable, Equatable {
        /// An amount in the unit of the report.
        case absolute(Double)
        /// A share of the baseline; 0.1 is a tenth.
        case share(Double)
    }

    package let figure: Figure
    /// Whether the bound is on a rise (`+`); otherwise it is on a fall.
    package let isOnRise: Bool
    package let allowance: Allowance
    /// The bound as on the command line, with one space: `rtt.p99 +10%`.
    package let text: String

    /// The maximum length of a text of several bounds.
    static let textBytesMax = 4_096

    /// Parses all bounds of a text, `loss.ratio +0.1%, rtt.p99 +10%`.
    package static func list(_ text: String) throws(JSONComplaint) -> [RegressionBound] {
        guard text.utf8.count <= textBytesMax else {
            throw JSONComplaint("bounds have at most \(textBytesMax) characters")
        }
        var bounds: [RegressionBound] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            bounds.append(try RegressionBound(part))
        }
        return bounds
    }

    private init(_ part: Substring) throws(JSONComplaint) {
        let part = part.drop { $0 == " " }
        let name = part.prefix { $0 != "+" && $0 != "-" && $0 != " " }
        let tail = part[name.endIndex...].drop { $0 == " " }
        guard !name.isEmpty, let sign = tail.first, sign == "+" || sign == "-" else {
            throw JSONComplaint(
                "\(String(part).quoted) is no bound: write FIGURE, + or -, and what is allowed, "
                    + "such as \"rtt.p99 +10%\" or \"throughput.received_pps -5%\"")
        }
        let figure = try Threshold.figure(named: String(name))
        var value = String(tail.dropFirst().drop { $0 == " " })
        while value.hasSuffix(" ") { value.removeLast() }
        if let better = Self.wrongWay(figure, sign) { throw JSONComplaint(better) }
        self.figure = figure
        isOnRise = sign == "+"
        if figure.dimension != .ratio, value.hasSuffix("%") {
            let steps: Int
            do throws(JSONComplaint) {
                steps = try Quantity.percentage.steps(value)
            } catch {
                throw JSONComplaint("\(figure.name): \(error.message)")
            }
            guard steps <= Self.shareStepsMax else {
                throw JSONComplaint("\(figure.name): \(value.quoted) is more than 1000000%")
            }
            allowance = .share(Double(steps) / Quantity.stepsPerRatio)
        } else {
            let number = try Threshold.value(value, of: figure)
            guard number >= 0 else {
                throw JSONComplaint("\(figure.name): what is allowed is not negative: \(value)")
            }
            allowance = .absolute(number)
        }
        text = "\(figure.name) \(sign)\(value)"
    }

    private static let shareStepsMax = 10_000 * 1_000_000_000

    /// Returns an error for a bound on the harmless direction, which would never be exceeded and is
    /// a mistake in the sign.
    private static func wrongWay(_ figure: Figure, _ sign: Character) -> String? {
        let ways = ["forward", "backward"]
        let group = figure.reportPath.first { !ways.contains($0) } ?? ""
        let isRate = group == "throughput" || figure.name == "pacing.achieved_pps"
        let isHarm =
            ["loss", "duplication", "reordering", "rtt_ns", "rtt_intended_ns", "one_way_ns"]
            .contains(group) && (figure.dimension == .ratio || figure.dimension == .time)
        if isRate, sign == "+" {
            return "more of \(figure.name) is better: bound its fall, \"\(figure.name) -5%\""
        }
        if isHarm, sign == "-" {
            return "less of \(figure.name) is better: bound its rise, \"\(figure.name) +10%\""
        }
        return nil
    }
}
