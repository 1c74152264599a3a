import JSON

/// A report from a file, as far as a comparison needs it.
///
/// The report is read leniently: keys that a comparison does not use are optional. So reports of
/// later and of earlier versions of this format can be a baseline.
package struct ComparedReport: Sendable {
    /// The path of the file, as on the command line.
    package let path: String
    package let planName: String
    package let planSha256: String
    package let started: String
    package let verdict: Verdict
    package let runs: [ComparedRun]
    /// The networks of the plan that ran, by name; nil in reports of versions without that plan.
    let networks: JSONValue?
    /// The load that the plan asks for; nil in reports of versions without that plan.
    let asked: AskedLoad?

    /// Reads a report.
    /// - Parameter path: the path for messages.
    package init(path: String, bytes: [UInt8]) throws(ComparisonError) {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument.read(file: path, bytes: bytes, limits: .report)
        } catch {
            throw .unreadable("\(error.problem(file: path))")
        }
        let reader = ReportReader(file: path)
        try reader.checkFormat(document.root)
        let plan = try reader.member("plan", of: document.root)
        self.path = path
        planName = try reader.text("name", of: plan)
        planSha256 = try reader.text("sha256", of: plan)
        networks = plan["effective"]?["networks"]?.value
        asked = AskedLoad(effective: plan["effective"]?.value)
        started = try reader.text("started", of: document.root)
        verdict = try reader.verdict(of: document.root)
        try reader.checkUsable(document.root, verdict)
        var runs: [ComparedRun] = []
        for node in try reader.elements("runs", of: document.root) {
            runs.append(try reader.run(node))
        }
        self.runs = runs
    }
}

/// The reason why reports are not compared.
package enum ComparisonError: Error, Sendable, Equatable {
    /// A file that is not a report: the command line names the wrong file.
    case unreadable(String)
    /// A report without usable results: partial, invalid, or of a format that this udplab cannot
    /// read.
    case unusable(String)
    /// Reports of different loads, or without a common stream.
    case unlike([String])

    package var exitStatus: ExitStatus {
        switch self {
        case .unreadable, .unlike: .usage
        case .unusable: .inconclusive
        }
    }
}

extension ComparisonError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let message), .unusable(let message): message
        case .unlike(let differences):
            "the reports are of different things: \(differences.joined(separator: "; ")); "
                + "--allow-different-plans compares what they have in common"
        }
    }
}

/// Reads the parts of a report, and reports the position of an invalid value.
private struct ReportReader {
    let file: String

    private func fault(_ message: String, at node: JSONNode) -> ComparisonError {
        let problem = JSONProblem(
            file: file, line: node.line, column: node.column, path: node.path, message: message)
        return .unreadable("\(problem)")
    }

    func checkFormat(_ root: JSONNode) throws(ComparisonError) {
        guard case .object = root.content, let format = root["report"] else {
            let isPlan = root["plan"] != nil && root["scenarios"] != nil
            let what = isPlan ? "it is a plan" : "it has no \"report\": \(Report.format)"
            throw fault("this is no report of udplab: \(what)", at: root)
        }
        guard case .integer(let number) = format.content else {
            throw fault("this is no report of udplab: its format has no number", at: format)
        }
        guard number != Report.format else { return }
        let tool = root["tool"]?["version"]?.value
        let writer: String = if case .string(let text)? = tool { ", of udplab \(text)" } else { "" }
        let age =
            number < Report.format
            ? "make it anew with this udplab" : "compare it with the udplab that wrote it"
        throw .unusable(
            "\(file.shown): a report of format \(number)\(TerminalText.harmless(writer)); this udplab "
                + "compares reports of format \(Report.format): \(age)")
    }

    func checkUsable(_ root: JSONNode, _ verdict: Verdict) throws(ComparisonError) {
        let status = try text("status", of: root)
        var reason = ""
        if case .array(let reasons)? = root["reasons"]?.content, let first = reasons.first,
            case .string(let text) = first.content
        {
            reason = ": \(TerminalText.harmless(text))"
        }
        if status != ReportStatus.complete.rawValue {
            throw .unusable("\(file.shown): the report is partial\(reason)")
        }
        if verdict == .invalid || verdict == .aborted {
            throw .unusable("\(file.shown): the report is \(verdict.rawValue)\(reason)")
        }
    }

    func run(_ node: JSONNode) throws(ComparisonError) -> ComparedRun {
        var streams: [ComparedStream] = []
        var responder: String?
        if case .string(let word)? = node["responder"]?["behaviour"]?.content { responder = word }
        for stream in try elements("streams", of: node) {
            let load = ComparedStream.Load(
                flows: try integer("flows", of: stream),
                payloadBytes: try integer("payload_bytes", of: stream),
                timeoutNs: try integer("timeout_ns", of: stream),
                intendedPps: rate(stream), responder: responder,
                shown: shown(stream.value, of: node.value))
            streams.append(
                ComparedStream(
                    sender: try text("sender", of: stream), load: load, figures: stream.value))
        }
        return ComparedRun(
            scenario: try text("scenario", of: node), network: try text("network", of: node),
            number: try integer("repeat", of: node), verdict: try verdict(of: node),
            streams: streams)
    }

    /// Returns the figures of a stream and its run that show what a key of the plan asks for.
    private func shown(_ stream: JSONValue, of run: JSONValue) -> [String: JSONValue] {
        var shown: [String: JSONValue] = [:]
        if let request = stream["request"] { shown["answer"] = request["answer"] ?? .null }
        if let loop = stream["closed_loop"] {
            shown["window"] = loop["window"] ?? .null
            shown["think"] = .array([loop["think"] ?? .null, loop["think_mean_ns"] ?? .null])
        }
        if let service = run["responder"]?["service"] {
            shown["reply_payload"] = service["reply_payload_bytes"] ?? .null
        }
        return shown
    }

    private func rate(_ stream: JSONNode) -> Double? {
        switch stream["pacing"]?["intended_pps"]?.content {
        case .integer(let integer)?: Double(integer)
        case .number(let number)?: number
        default: nil
        }
    }

    func verdict(of node: JSONNode) throws(ComparisonError) -> Verdict {
        let word = try text("verdict", of: node)
        guard let verdict = Verdict(rawValue: word) else {
            throw fault("there is no verdict \"\(TerminalText.harmless(word))\"", at: node)
        }
        return verdict
    }

    func member(_ key: String, of node: JSONNode) throws(ComparisonError) -> JSONNode {
        guard let member = node[key] else {
            throw fault("this is no whole report: \"\(key)\" is missing", at: node)
        }
        return member
    }

    func text(_ key: String, of node: JSONNode) throws(ComparisonError) -> String {
        let member = try member(key, of: node)
        guard case .string(let text) = member.content else {
            throw fault("\"\(key)\" is no string", at: member)
        }
        return text
    }

    private func integer(_ key: String, of node: JSONNode) throws(ComparisonError) -> Int {
        let member = try member(key, of: node)
        guard case .integer(let integer) = member.content else {
            throw fault("\"\(key)\" is no integer", at: member)
        }
        return integer
    }

    func elements(_ key: String, of node: JSONNode) throws(ComparisonError) -> [JSONNode] {
        let member = try member(key, of: node)
        guard case .array(let nodes) = member.content else {
            throw fault("\"\(key)\" is no array", at: member)
        }
        return nodes
    }
}

extension ComparisonDocument.Source {
    init(_ report: ComparedReport) {
        self.init(
            path: report.path, plan: report.planName, sha256: report.planSha256,
            started: report.started, verdict: report.verdict, runs: report.runs.count,
            leftOut: report.runs.count { !$0.isUsable })
    }
}
