import Reports

/// What the server does to payloads: their length, their bytes.
enum PayloadTrials {
    static let all = [sizes, octets]

    // MARK: - Sizes

    private static let allSizes = [0, 1, 16, 512, 1_024, 1_025, 1_472, 1_473, 9_000, 65_507]
    /// Off this host a larger payload is fragmented (an MTU of 1,500 B less 28 B of headers).
    private static let unfragmentedBytes = 1_472

    static let sizes = Trial(
        id: "payload-sizes", title: "Every payload size",
        expectation: "0, 1, 16, 512, 1,024, 1,025, 1,472, 1,473, 9,000 and 65,507 bytes come "
            + "back whole", profile: .basic
    ) { bench in
        var findings = SizeFindings()
        for bytes in allSizes {
            guard findings.restarts < 3, try bench.isReady(&findings.restarts) else { break }
            try tryOut(bytes, bench, &findings)
        }
        return judge(findings, bench)
    }

    private struct SizeFindings {
        var whole: [Int] = []
        /// The sizes that came back shorter, and how long they came back.
        var cut: [(asked: Int, got: Int)] = []
        var silent: [Int] = []
        var altered: [Int] = []
        var deadly: [(bytes: Int, text: String)] = []
        var restarts = 0
    }

    private static func tryOut(
        _ bytes: Int, _ bench: Bench, _ findings: inout SizeFindings
    ) throws {
        let number = bytes >= ProbeText.headerBytes ? bench.nextNumber() : nil
        let octets =
            number.map { bench.text.octets($0, bytes: bytes) }
            ?? Array(repeating: UInt8(ascii: "x"), count: bytes)
        var reception = try bench.present(octets, number: number)
        // Once more, with a plain question between the two, before silence is held against it.
        if case .silent = reception { reception = try bench.present(octets, number: number) }
        switch reception {
        case .verbatim: findings.whole.append(bytes)
        case .altered(let answer) where octets.starts(with: answer):
            findings.cut.append((bytes, answer.count))
        case .altered: findings.altered.append(bytes)
        case .silent: findings.silent.append(bytes)
        case .damaged(let damage):
            findings.deadly.append((bytes, damage.text))
        }
    }

    private static func judge(_ findings: SizeFindings, _ bench: Bench) -> Outcome {
        let did = "sent one datagram of each size, with a plain question after each"
        let isWhole = "\(findings.whole.count) of \(allSizes.count) sizes came back whole"
        let problems = problems(findings)
        let missing = findings.silent.filter { $0 > 0 }
        let mayBePath = !bench.isLocal && missing.allSatisfy { $0 > unfragmentedBytes }
        if !problems.isEmpty {
            // Each advice once, in the order of the problems.
            let changes = problems.indices.filter { index in
                !problems[..<index].contains { $0.change == problems[index].change }
            }.map { problems[$0].change }
            return .fail(
                did, saw: problems.map(\.saw).joined(separator: "; "),
                change: changes.joined(separator: "; "))
        }
        if !missing.isEmpty {
            let list = missing.map(Wording.count).joined(separator: ", ")
            let unit = missing == [1] ? "byte" : "bytes"
            let saw = "no answer to datagrams of \(list) \(unit); \(isWhole)"
            return mayBePath
                ? .degraded(
                    did, saw: saw,
                    change: "fragments may be lost on the way: keep answers below the path's MTU")
                : .fail(
                    did, saw: saw,
                    change: "take datagrams of every length: a receive buffer of 65,535 bytes, "
                        + "and no smallest length")
        }
        if findings.silent.contains(0) {
            return .degraded(
                did, saw: "an empty datagram is not answered; all other sizes come back whole",
                change: "an empty datagram is legal (RFC 768): answer it with an empty one")
        }
        return .pass(did, saw: isWhole)
    }

    /// All that is wrong beyond silence: one fault must not hide another.
    private static func problems(_ findings: SizeFindings) -> [(saw: String, change: String)] {
        var problems: [(saw: String, change: String)] = []
        if let first = findings.cut.first {
            let limit = findings.cut.map(\.got).max() ?? first.got
            problems.append(
                (
                    "answers only the first \(Wording.bytes(limit)): truncation begins at "
                        + "\(Wording.bytes(limit + 1))", Advice.buffer
                ))
        }
        if let bytes = findings.altered.first {
            problems.append(
                (
                    "\(Wording.bytes(bytes)) came back changed",
                    "return the payload as it came, nothing stripped and nothing added"
                ))
        }
        for deadly in findings.deadly {
            problems.append(
                (
                    "after a datagram of \(Wording.bytes(deadly.bytes)) \(deadly.text)",
                    deadly.bytes == 0
                        ? "an empty datagram is legal and no end of input: go on with the next"
                        : Advice.survive
                ))
        }
        return problems
    }

    // MARK: - Bytes

    struct Specimen {
        let name: String
        let octets: [UInt8]
        let isText: Bool
    }

    /// Behind the header of a probe, each.
    static let specimens = [
        Specimen(name: "all 256 byte values", octets: Array(0...255), isText: false),
        Specimen(name: "ff fe, which is no UTF-8", octets: [0xff, 0xfe, 0xfd], isText: false),
        Specimen(name: "c0 80, an overlong NUL", octets: [0xc0, 0x80], isText: false),
        Specimen(name: "ed a0 80, a surrogate", octets: [0xed, 0xa0, 0x80], isText: false),
        Specimen(name: "a truncated UTF-8 sequence", octets: [0xe2, 0x82], isText: false),
        Specimen(name: "a NUL inside", octets: [0x61, 0, 0x62], isText: true),
        Specimen(name: "a line end at the end", octets: [0x61, 0x20, 0x0d, 0x0a], isText: true),
    ]

    static let octets = Trial(
        id: "octets", title: "All byte values and invalid UTF-8",
        expectation: "bytes that are no text come back verbatim", profile: .basic
    ) { bench in
        var findings = OctetFindings()
        for specimen in specimens {
            guard findings.restarts < 2, try bench.isReady(&findings.restarts) else { break }
            let (number, header) = bench.question(bytes: ProbeText.headerBytes)
            let sent = header + specimen.octets
            findings.note(specimen, try bench.present(sent, number: number), sent: sent)
        }
        bench.survivesSingles = findings.deadly == nil
        return findings.outcome
    }

    private struct OctetFindings {
        var tried = 0
        var verbatim = 0
        var noText: [String] = []
        var text: [String] = []
        var deadly: String?
        var restarts = 0

        mutating func note(_ specimen: Specimen, _ reception: Bench.Reception, sent: [UInt8]) {
            tried += 1
            let what: String
            var endsAtNUL = false
            switch reception {
            case .verbatim:
                verbatim += 1
                return
            case .altered(let answer):
                what = Self.change(of: sent, to: answer)
                endsAtNUL =
                    answer.count < sent.count && sent.starts(with: answer)
                    && sent[answer.count] == 0
            case .silent: what = "got no answer"
            case .damaged(let damage):
                what = "got no answer, and \(damage.text)"
                if deadly == nil { deadly = "\(specimen.name): \(damage.text)" }
            }
            if specimen.isText || endsAtNUL {
                text.append("\(specimen.name) \(what)")
            } else {
                noText.append("\(specimen.name) \(what)")
            }
        }

        private static func change(of sent: [UInt8], to answer: [UInt8]) -> String {
            if sent.starts(with: answer) {
                return "came back cut to \(Wording.bytes(answer.count))"
            }
            let mark: [UInt8] = [0xef, 0xbf, 0xbd]
            let isReplaced = answer.indices.contains { answer[$0...].starts(with: mark) }
            return isReplaced ? "came back with U+FFFD in place of bytes" : "came back changed"
        }

        var outcome: Outcome {
            let did = "sent \(tried) datagrams that are no plain text, a plain question after each"
            if let first = noText.first {
                let more = noText.count > 1 ? " (and \(noText.count - 1) more of the kind)" : ""
                return .fail(did, saw: first + more, change: Advice.bytes)
            }
            if let first = text.first {
                return .fail(
                    did, saw: first,
                    change: "take the length from recvfrom, not from a NUL or a line end, and "
                        + "strip nothing")
            }
            return .pass(did, saw: "\(verbatim) of \(tried) came back verbatim")
        }
    }
}
