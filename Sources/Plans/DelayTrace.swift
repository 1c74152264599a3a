import Impairment
import JSON
import Reports

/// A file of delays: one duration per line, such as `12.5ms`. Empty lines and lines that begin with
/// `#` are skipped.
enum DelayTrace {
    /// - Parameters:
    ///   - path: the path in the plan, relative to the folder of the plan.
    ///   - plan: the path of the plan.
    /// - Returns: the delays in nanoseconds, in the order of the file.
    static func load(_ path: String, besides plan: String) throws(PlanError) -> [Int64] {
        let place = place(of: path, besides: plan)
        let file = BoundedFile(what: "a file of delays", bytesMax: PlanLimits.traceBytesMax)
        return try read(
            try file.planBytes(of: place), place: place, PlanLimits.delay, "delays")
    }

    /// Parses a file of delays, or of other durations.
    /// - Parameters:
    ///   - place: The file's name for messages.
    ///   - range: The legal durations.
    ///   - plural: The word for them.
    ///   - column: Which of two values with a comma between them is meant; nil if a line has one.
    static func read(
        _ bytes: [UInt8], place: String, _ range: QuantityRange = PlanLimits.delay,
        _ plural: String = "delays", column: Column? = nil
    ) throws(PlanError) -> [Int64] {
        var delaysNs: [Int64] = []
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            let text = String(decoding: line.trimmed, as: UTF8.self)
            if text.isEmpty || text.hasPrefix("#") { continue }
            do throws(JSONComplaint) {
                delaysNs.append(Int64(try range.read(column?.value(of: line) ?? text)))
            } catch {
                throw .file("\(place.shown):\(number): \(error.message)")
            }
            guard delaysNs.count <= PlanLimits.traceDelays.upperBound else {
                throw .file(
                    "\(place.shown):\(number): a file of \(plural) has at most "
                        + "\(PlanLimits.traceDelays.upperBound) of them")
            }
        }
        guard !delaysNs.isEmpty else {
            throw .file("\(place.shown): has no \(plural.dropLast()), one a line")
        }
        return delaysNs
    }

    /// A column of a trace of send times and sizes.
    enum Column {
        case first, last

        /// Returns the value of a line; nil if the line has no comma.
        func value(of line: ArraySlice<UInt8>) -> String? {
            let values = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            guard values.count == 2 else { return nil }
            return String(decoding: values[self == .first ? 0 : 1].trimmed, as: UTF8.self)
        }
    }

    static func place(of path: String, besides plan: String) -> String {
        path.hasPrefix("/") ? path : folder(of: plan) + path
    }

    /// Returns the folder of a path with its slash; empty for a file in the current folder.
    static func folder(of path: String) -> Substring {
        path.lastIndex(of: "/").map { path[...$0] } ?? ""
    }
}

extension ArraySlice<UInt8> {
    /// The line without blanks, tabs and carriage returns at its ends.
    fileprivate var trimmed: ArraySlice<UInt8> {
        let isBlank: (UInt8) -> Bool = { [9, 13, 32].contains($0) }
        let start = drop(while: isBlank)
        guard let last = start.lastIndex(where: { !isBlank($0) }) else { return [] }
        return start[...last]
    }
}
