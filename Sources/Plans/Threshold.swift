import JSON
import Reports

/// A bound on one figure of every stream of a scenario: `rtt.p99 < 50ms`.
package struct Threshold: Sendable, Equatable {
    package enum Comparison: String, Sendable, CaseIterable {
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case equal = "=="
        case notEqual = "!="
    }

    package let figure: Figure
    package let comparison: Comparison
    /// The bound in the unit of the report: nanoseconds, a ratio, a count, bytes, pps, bit/s.
    package let value: Double
    /// The threshold as in the plan.
    package let text: String

    /// Whether the figure is within the bound. `value` is in the unit of the report.
    ///
    /// The caller judges a figure that does not exist (`null` in the report): it neither holds nor
    /// fails.
    package func holds(_ value: Double) -> Bool {
        switch comparison {
        case .less: value < self.value
        case .lessOrEqual: value <= self.value
        case .greater: value > self.value
        case .greaterOrEqual: value >= self.value
        case .equal: value == self.value
        case .notEqual: value != self.value
        }
    }
}

extension Threshold {
    static let form = "\"FIGURE < VALUE\", such as \"rtt.p99 < 50ms\""

    /// Parses `FIGURE OPERATOR VALUE`. Spaces around the operator are optional.
    init(_ text: String) throws(JSONComplaint) {
        guard text.utf8.count <= PlanLimits.thresholdBytesMax else {
            throw JSONComplaint(
                "a threshold has at most \(PlanLimits.thresholdBytesMax) characters")
        }
        guard let name = text.wholeWords(of: Self.isFigureByte) else {
            throw JSONComplaint("a threshold is \(Self.form)")
        }
        let tail = text[name.endIndex...].drop { $0 == " " }
        let symbol = tail.prefix { "<>=!~".contains($0) }
        try Self.checkForm(name, tail)
        let figure = try Self.figure(named: String(name))
        guard let comparison = Comparison(rawValue: String(symbol)) else {
            throw Self.unknownComparison(String(symbol), after: figure)
        }
        let value = tail[symbol.endIndex...].drop { $0 == " " }
        self.figure = figure
        self.comparison = comparison
        self.value = try Self.value(String(value), of: figure)
        self.text = text
        if figure.isShare, self.value > 1 {
            let hint = value.hasSuffix("%") ? "" : "; did you mean \("\(value)%".quoted)?"
            throw JSONComplaint(
                "\(figure.name) is a share, which is never above 1 (100%): \(value.quoted) bounds "
                    + "nothing\(hint)")
        }
    }

    /// Returns the figure that the catalog calls `name`, or throws an error with a suggestion.
    package static func figure(named name: String) throws(JSONComplaint) -> Figure {
        guard let figure = FigureCatalog.figure(name) else { throw unknownFigure(name) }
        return figure
    }

    private static func isFigureByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    static func value(
        _ text: String, of figure: Figure
    ) throws(JSONComplaint) -> Double {
        let scale = figure.dimension.scale
        do throws(JSONComplaint) {
            let range = scale.range
            let steps = try range.quantity.steps(text, signed: scale.isSigned)
            guard range.steps.contains(abs(steps)) else {
                throw JSONComplaint("\(text.quoted) is out of range: \(range.text)")
            }
            return Double(steps) / scale.stepsPerReportUnit
        } catch {
            throw JSONComplaint(
                "\(figure.name) is \(figure.dimension.rawValue): \(error.message)")
        }
    }

    /// Refuses `p(95) < 200` of k6 and `1% > loss.ratio`, whose first word is no figure.
    private static func checkForm(
        _ name: Substring, _ tail: Substring
    ) throws(JSONComplaint) {
        let number = tail.dropFirst().prefix { $0 != ")" && $0 != " " }
        let figure = "rtt.\(name)\(number)"
        if tail.first == "(", FigureCatalog.figure(figure) != nil {
            throw JSONComplaint("\"\(name)(\(number))\" is written \(figure.quoted) here")
        }
        guard name.first?.isNumber != true else {
            throw JSONComplaint("a threshold is \(form): the figure stands first")
        }
    }

    private static func unknownComparison(
        _ symbol: String, after figure: Figure
    ) -> JSONComplaint {
        let legal = Comparison.allCases.map(\.rawValue).joined(separator: ", ")
        let found = symbol.isEmpty ? "no comparison" : symbol.quoted
        let meant = ["=": "==", "=<": "<=", "=>": ">=", "<>": "!=", "~=": "!=", "===": "=="]
        let example = "\(figure.name) \(figure.dimension.exampleOfBound)"
        let hint = meant[symbol].map { "did you mean \($0.quoted)?" } ?? "such as \(example.quoted)"
        return JSONComplaint("\(found) after \(figure.name.quoted) (legal: \(legal)); \(hint)")
    }

    private static func unknownFigure(_ name: String) -> JSONComplaint {
        let near = NearestMatch.of(name, among: FigureCatalog.all.map(\.name))
        let hint = near.map { "did you mean \($0.quoted)?" } ?? "udplab explain lists all"
        return JSONComplaint("there is no figure \(name.quoted): \(hint)")
    }
}

extension Figure.Dimension {
    /// The scale of a dimension: the form of its values in a threshold, and their conversion to the
    /// report's unit.
    struct Scale: Sendable {
        let range: QuantityRange
        var stepsPerReportUnit = 1.0
        var isSigned = false
    }

    var scale: Scale {
        switch self {
        case .time: Scale(range: Self.timeRange)
        case .signedTime: Scale(range: Self.timeRange, isSigned: true)
        case .ratio:
            Scale(range: Self.ratioRange, stepsPerReportUnit: Quantity.stepsPerRatio)
        case .count: Scale(range: Self.countRange)
        case .number:
            Scale(range: Self.numberRange, stepsPerReportUnit: Quantity.stepsPerNumber)
        case .bytes: Scale(range: Self.byteRange)
        case .packetRate:
            Scale(
                range: Self.packetRateRange,
                stepsPerReportUnit: Quantity.stepsPerPacketPerSecond)
        case .bitRate: Scale(range: Self.bitRateRange)
        }
    }

    private static let timeRange = QuantityRange(.duration, "0s", "168h")
    /// The range of a ratio, which goes beyond 100 %: a duplication fraction of 2 means that every
    /// datagram came three times.
    private static let ratioRange = QuantityRange(.ratio, "0%", "1000000%")
    private static let countRange = QuantityRange(.count, "0", "1000000000000000")
    private static let numberRange = QuantityRange(.number, "0", "1000000000")
    private static let byteRange = QuantityRange(.size, "0B", "1048576GiB")
    private static let packetRateRange = QuantityRange(.packetRate, "0pps", "1000000Mpps")
    private static let bitRateRange = QuantityRange(.bitRate, "0bit", "1000000Gbit")
}

extension Figure.Dimension {
    /// A bound as in a threshold.
    var exampleOfBound: String {
        switch self {
        case .time: "< 50ms"
        case .signedTime: "< 5ms"
        case .ratio: "< 1%"
        case .count: "== 0"
        case .number: "< 2.5"
        case .bytes: "> 64KiB"
        case .packetRate: "> 1kpps"
        case .bitRate: "> 10Mbit"
        }
    }
}

extension String {
    /// Returns the longest non-empty prefix of the text of bytes that satisfy `isPart`.
    fileprivate func wholeWords(of isPart: (UInt8) -> Bool) -> Substring? {
        let word = utf8.prefix(while: isPart)
        return word.isEmpty ? nil : Substring(word)
    }
}

extension Threshold {
    /// Reads the threshold of a report; nil for a text that this version does not understand.
    package init?(ofReport text: String) {
        guard let threshold = try? Threshold(text) else { return nil }
        self = threshold
    }
}
