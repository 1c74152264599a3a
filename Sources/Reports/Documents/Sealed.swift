import JSON

/// A document that a verb of udplab writes: a report, a score card, a comparison.
package protocol WrittenDocument: Judgeable, Codable {
    static var shape: ReportObject { get }
    var verdict: Verdict { get }
    /// The verdict in sentences.
    var verdictLines: VerdictLines { get }

    /// Adds the notice on a number that is left out to the part of the document concerned, if that
    /// part has notices of its own.
    mutating func note(_ omission: Omission)
}

extension WrittenDocument {
    package mutating func note(_ omission: Omission) {}
}

extension ScoreCard: WrittenDocument {
    package static var shape: ReportObject { ReportFormat.scoreCard }
}

extension ComparisonDocument: WrittenDocument {
    package static var shape: ReportObject { ReportFormat.comparisonDocument }
}

extension Report: WrittenDocument {
    package static var shape: ReportObject { ReportFormat.report }

    package mutating func note(_ omission: Omission) {
        for index in runs.indices where omission.path.hasPrefix("$.runs[\(index)].") {
            runs[index].notices.append(omission.sentence)
        }
    }

    /// Reads a sealed document.
    ///
    /// - Throws: `mismatch` also for a report of another format, which the error names.
    package init(text bytes: [UInt8]) throws(JSONError) {
        let value = try JSONValue.parse(bytes, limits: .report)
        guard let format = value["report"], format == .integer(Report.format) else {
            throw JSONError(
                .mismatch,
                "no report of format \(Report.format), which is all that this "
                    + "udplab reads", path: "$.report", at: nil)
        }
        self = try JSONCoding.decode(Report.self, from: value)
    }
}

/// A sealed document: its text, and the judgement that the terminal, the exit status and the text
/// share.
///
/// Sealing encodes the document, leaves out the numbers that cannot be written, and checks the rest
/// against the format. Only then is the judgement final, so that the verdict in the text takes
/// these checks into account.
package struct Sealed<Document: WrittenDocument>: Sendable {
    /// The maximum number of omitted numbers that notices name.
    private static var omissionsMax: Int { 20 }

    package private(set) var judged: Judged<Document>
    /// The text in the pretty layout, with a line feed at its end.
    package private(set) var text = ""
    /// The paths of the omitted numbers that have a notice.
    private var omitted: Set<String> = []

    package var document: Document { judged.document }
    package var judgement: Judgement { judged.judgement }
    package var exitStatus: ExitStatus { judgement.exitStatus }

    /// The secrets that neither document nor text have.
    private let hidden: HiddenTexts

    package init(_ judged: Judged<Document>, hiding hidden: HiddenTexts = HiddenTexts()) {
        self.judged = judged
        self.hidden = hidden
        seal()
    }

    /// Adds a cause found after the sealing, such as a report that could not be written.
    package mutating func add(_ cause: Cause) {
        judged.add(cause)
        seal()
    }

    /// Adds a notice found after the sealing.
    package mutating func note(_ sentence: String) {
        judged.note(sentence)
        seal()
    }

    private mutating func seal() {
        do throws(JSONError) {
            var encoding = try encoded()
            if try leaveOut(encoding) { encoding = try encoded() }
            if !hidden.isEmpty {
                let open = hidden.hiding(in: encoding.value, as: Document.shape)
                let document = try JSONCoding.decode(Document.self, from: open)
                judged = Judged(document, hidden.hiding(in: judgement))
                encoding = try encoded()
            }
            let problems = ReportFormat.problems(in: encoding.value, as: Document.shape)
            if let first = problems.first {
                let more = problems.count > 1 ? ", and \(problems.count - 1) more" : ""
                accuse("what it writes breaks its own format: \(first)\(more)")
                encoding = try encoded()
            }
            text = try encoding.value.text(.report)
        } catch {
            if error.code == .memory {
                let cause = Cause(
                    .inconclusive,
                    "this host had no memory to write the report: raise the limit "
                        + "of udplab (ulimit -v, ulimit -d)")
                if !judgement.causes.contains(cause) { judged.add(cause) }
            } else {
                accuse("it cannot be written: \(error)")
            }
            text = ""
        }
    }

    private typealias Encoding = (value: JSONValue, omissions: [Omission])

    private func encoded() throws(JSONError) -> Encoding {
        try ReportFormat.encoded(judged.document, as: Document.shape)
    }

    /// Removes the omitted numbers from the document as well, and adds notices on them.
    ///
    /// - Returns: Whether there are any.
    private mutating func leaveOut(_ encoding: Encoding) throws(JSONError) -> Bool {
        guard !encoding.omissions.isEmpty else { return false }
        // An omitted number of a field that is never null stays in the document.
        if let repaired = try? JSONCoding.decode(Document.self, from: encoding.value) {
            judged = Judged(repaired, judged.judgement)
        }
        let omissions = encoding.omissions.filter { omitted.insert($0.path).inserted }
        for omission in omissions.prefix(Self.omissionsMax) { note(omission) }
        let left = omissions.count - Self.omissionsMax
        if left > 0 { judged.note("and \(left) more numbers are left out") }
        return true
    }

    private mutating func note(_ omission: Omission) {
        var document = judged.document
        document.note(omission)
        judged = Judged(document, judgement)
        judged.note(omission.sentence)
    }

    /// Adds a fault of udplab itself as a cause: the document is worthless, and the exit status
    /// shows this.
    private mutating func accuse(_ sentence: String) {
        let cause = Cause(.invalid, "a fault of udplab: \(sentence)", isOwnFault: true)
        if !judgement.causes.contains(cause) { judged.add(cause) }
    }
}
