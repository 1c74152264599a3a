import JSON

/// A document of udplab that was read from a file.
package indirect enum StoredDocument: Sendable {
    case report(Report)
    case scoreCard(ScoreCard)

    /// The largest magnitude of an integer in a document: no run counts that far, and sums of a few
    /// such numbers stay within 64 bits.
    private static let integerMax = 1 << 53

    /// Loads a document. Whatever the path names, loading neither hangs nor exceeds the maximum
    /// size of a report.
    ///
    /// - Throws: `unreadable` if the file is no document of udplab, `unusable` if it is one of
    ///   another format.
    package static func load(_ path: String) throws(ComparisonError) -> StoredDocument {
        try StoredDocument(path: path, bytes: ReportFile.bytes(of: path))
    }

    /// Reads a document.
    /// - Parameter path: The path for messages.
    package init(path: String, bytes: [UInt8]) throws(ComparisonError) {
        do throws(JSONError) {
            let value = try JSONValue.parse(bytes, limits: .report)
            try Self.checkFormat(value)
            try Self.checkNumbers(value, at: "$")
            self =
                value["resilience"] == nil
                ? .report(try Report(text: bytes))
                : .scoreCard(try JSONCoding.decode(ScoreCard.self, from: value))
        } catch  where error.code == .mismatch && error.path == Self.formatPath {
            throw .unusable("\(path.shown): \(error.message)")
        } catch {
            throw .unreadable("\(error.problem(file: path))")
        }
    }

    private static let formatPath = "$.report"

    private static func checkFormat(_ value: JSONValue) throws(JSONError) {
        let isCard = value["resilience"] != nil
        let (key, noun, format) =
            isCard
            ? ("resilience", "score card", ScoreCard.format) : ("report", "report", Report.format)
        guard let found = value[key], case .integer(let number) = found else {
            let isPlan = value["plan"] != nil && value["scenarios"] != nil
            throw JSONError(
                .mismatch,
                "this is no report of udplab: "
                    + (isPlan ? "it is a plan" : "it has no \"report\": \(Report.format)"),
                at: nil)
        }
        guard number != format else { return }
        var writer = ""
        if case .string(let version)? = value["tool"]?["version"] {
            writer = ", of udplab \(version.shown)"
        }
        throw JSONError(
            .mismatch,
            "a \(noun) of format \(number)\(writer); this udplab reads those of format \(format)",
            path: formatPath, at: nil)
    }

    /// The keys whose values udplab does not calculate with.
    private static let uncounted: Set<String> = ["seed", "extras"]

    private static func checkNumbers(_ value: JSONValue, at path: String) throws(JSONError) {
        switch value {
        case .integer(let number) where number.magnitude > UInt(integerMax):
            throw JSONError(
                .range, "\(number) is beyond what udplab counts", path: path, at: nil)
        case .array(let values):
            for (index, value) in values.enumerated() {
                try checkNumbers(value, at: "\(path)[\(index)]")
            }
        case .object(let members):
            for member in members where !uncounted.contains(member.key) {
                try checkNumbers(member.value, at: "\(path).\(member.key)")
            }
        default: break
        }
    }
}
