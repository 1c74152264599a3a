import JSON

/// A report as a stranger sees it: JSON and nothing else, so that the tests hold the file against
/// the design and not a type against itself.
package struct ReportReading {
    package let json: JSONValue

    package init(_ bytes: [UInt8]) throws {
        json = try JSONValue.parse(bytes, limits: .report)
    }

    package init(_ directory: TemporaryDirectory, _ name: String = "report.json") throws {
        try self.init(directory.read(name))
    }

    package var status: String? { json["status"]?.string }
    package var verdict: String? { json["verdict"]?.string }
    package var reasons: [String] { json["reasons"]?.array.compactMap(\.string) ?? [] }
    package var runs: [JSONValue] { json["runs"]?.array ?? [] }
    package var streams: [JSONValue] { runs.flatMap { $0["streams"]?.array ?? [] } }
    package var workers: [JSONValue] { runs.flatMap { $0["workers"]?.array ?? [] } }

    /// Everything in the ledger of any stream, or of any trial of its search, that does not add up.
    package var ledgerFaults: [String] {
        streams.flatMap { stream in
            let trials = stream["search"]?["trials"]?.array ?? []
            return ([stream] + trials).flatMap { LedgerLines($0["ledger"]).faults }
        }
    }
}

extension JSONValue {
    /// The value at a path of keys, such as `ledger.sent`.
    package func at(_ path: String) -> JSONValue? {
        var value: JSONValue? = self
        for key in path.split(separator: ".") { value = value?[String(key)] }
        return value
    }

    package func integer(_ path: String) -> Int? {
        if case .integer(let value)? = at(path) { return value }
        return nil
    }

    /// A measure, whether it is written with decimals or without.
    package func number(_ path: String) -> Double? {
        if case .number(let value)? = at(path) { return value }
        return integer(path).map(Double.init)
    }

    package var string: String? {
        if case .string(let value) = self { return value }
        return nil
    }

    package var array: [JSONValue] {
        if case .array(let values) = self { return values }
        return []
    }

    package var isNull: Bool { self == .null }
}

/// The identities of the ledger, as the design states them: an account that cannot be known is
/// null, and the lines around it are checked as one.
struct LedgerLines {
    private let ledger: JSONValue?

    init(_ ledger: JSONValue?) { self.ledger = ledger }

    private func count(_ name: String) -> Int? { ledger?.integer(name) }

    private static let unsent = [
        "skipped", "waiting", "refused", "local_queue", "local_firewall", "too_big", "other_error",
    ]
    /// Every step of a datagram's way: what may be lost on it, and the account at its end.
    private static let steps: [(losses: [String], end: String)] = [
        (
            [
                "forward_injected", "forward_corrupt", "responder_overflow", "outage",
                "forward_lost", "untold",
            ],
            "responder_received"
        ),
        (["echo_failed", "rejected"], "echoed"),
        (
            [
                "backward_injected", "backward_corrupt", "sender_overflow", "beyond_window",
                "backward_lost", "lost_unsplit",
            ], "received"
        ),
    ]

    var faults: [String] {
        guard let ledger, case .object(let members) = ledger else { return ["there is no ledger"] }
        var faults: [String] = []
        for member in members {
            if case .integer(let value) = member.value, value >= 0 { continue }
            if !member.value.isNull { faults.append("\(member.key) is \(member.value)") }
        }
        check("scheduled", ["sent"] + Self.unsent, &faults)
        check("received", ["in_time", "late", "wrong_answer"], &faults)
        var total = "sent"
        var parts: [String] = []
        for (losses, end) in Self.steps {
            parts += losses
            guard count(end) != nil else { continue }
            check(total, parts + [end], &faults)
            total = end
            parts = []
        }
        return faults
    }

    private func check(_ total: String, _ parts: [String], _ faults: inout [String]) {
        let sum = parts.reduce(0) { $0 + (count($1) ?? 0) }
        guard count(total) != sum else { return }
        faults.append("\(total) \(count(total) ?? -1) is not \(parts) = \(sum)")
    }
}
