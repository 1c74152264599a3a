import Reports

/// Trials of payloads: their length, their bytes.
enum PayloadTrials {
    static let all = [sizes, octets, BufferTrials.exact]

    // MARK: - Sizes

    static let largestBytes = 65_507
    private static let allSizes = [0, 1, 16, 512, 1_024, 1_025, 1_472, 1_473, 9_000, largestBytes]
    /// The largest payload that is not fragmented outside this host (an MTU of 1,500 B less 28 B of
    /// headers).
    private static let unfragmentedBytes = 1_472
    /// The maximum number of restarts after datagrams that ended the server, in each direction.
    private static let restartsAtMost = 3

    static let sizes = Trial(
        id: "payload-sizes", title: "Every payload size",
        expectation: "0, 1, 16, 512, 1,024, 1,025, 1,472, 1,473, 9,000 and 65,507 bytes come "
            + "back whole, from the largest to the smallest and back", profile: .basic
    ) { bench in
        var findings = SizeFindings()
        for bytes in allSizes.reversed() {
            guard findings.restarts < restartsAtMost, !bench.shrinks,
                try bench.isReady(&findings.restarts)
            else { break }
            try tryOut(bytes, bench, &findings)
        }
        // A size that has failed already is not repeated: it would give no information on the
        // order.
        var restarts = 0
        for bytes in allSizes where findings.changed == nil && !findings.hasFailed(bytes) {
            guard restarts < restartsAtMost, !bench.shrinks, try bench.isReady(&restarts)
            else { break }
            try tryOut(bytes, bench, &findings, again: findings.whole.contains(bytes))
        }
        bench.cutBytes = findings.cut.map(\.got).max()
        bench.failingBytes = findings.failing.filter { $0 > 0 }.min()
        if bench.isLocal, findings.changed == nil { bench.wholeBytes = findings.whole.max() }
        return judge(findings, bench)
    }

    private struct SizeFindings {
        var whole: Set<Int> = []
        /// The sizes that were returned shorter, and the lengths returned.
        var cut: [(asked: Int, got: Int)] = []
        var silent: [Int] = []
        var altered: [Int] = []
        var deadly: [(bytes: Int, damage: Damage)] = []
        /// The size that was returned whole before the server had received smaller ones, and fails
        /// now.
        var changed: (bytes: Int, how: String)?
        var restarts = 0

        var failing: [Int] { cut.map(\.asked) + silent + altered + deadly.map(\.bytes) }

        func hasFailed(_ bytes: Int) -> Bool { failing.contains(bytes) }
    }

    /// Tries a size.
    /// - Parameter again: Whether this size has been returned whole before.
    private static func tryOut(
        _ bytes: Int, _ bench: Bench, _ findings: inout SizeFindings, again: Bool = false
    ) throws {
        let number = bytes >= ProbeText.headerBytes ? bench.nextNumber() : nil
        let octets =
            number.map { bench.text.octets($0, bytes: bytes) }
            ?? Array(repeating: UInt8(ascii: "x"), count: bytes)
        var reception = try bench.present(octets, number: number)
        // Repeated once, with a plain question between, before silence counts as a failure.
        if case .silent = reception { reception = try bench.present(octets, number: number) }
        switch reception {
        case .verbatim: findings.whole.insert(bytes)
        case .altered(let answer) where octets.starts(with: answer):
            if again { bench.shrinks = true }
            if try again || findings.cut.isEmpty && followsLast(bench, answer.count) {
                bench.shrinks = true
                findings.changed = (bytes, "came back cut to \(Wording.bytes(answer.count))")
            } else {
                findings.cut.append((bytes, answer.count))
            }
        case .altered where again: findings.changed = (bytes, "came back changed")
        case .silent where again: findings.changed = (bytes, "got no answer")
        case .altered: findings.altered.append(bytes)
        case .silent: findings.silent.append(bytes)
        case .damaged(let damage):
            if damage.kind == .cut { bench.shrinks = true }
            findings.deadly.append((bytes, damage))
        }
    }

    /// Whether the length to which answers are cut is that of the previous datagram: a smaller one
    /// is sent, and then the large one again.
    private static func followsLast(_ bench: Bench, _ got: Int) throws -> Bool {
        let bytes = (ProbeText.headerBytes + got) / 2
        guard bytes < got, try bench.askPlainly(bytes: bytes) != nil else { return false }
        let (number, octets) = bench.question(bytes: largestCut(got))
        guard let answer = try bench.ask(octets, number: number) else { return false }
        return answer.octets.count == bytes
    }

    private static func largestCut(_ got: Int) -> Int { min(largestBytes, got * 2) }

    private static func judge(_ findings: SizeFindings, _ bench: Bench) -> Outcome {
        let did =
            "sent one datagram of each size, from the largest to the smallest and back, with a "
            + "plain question after each"
        let isWhole = "\(findings.whole.count) of \(allSizes.count) sizes came back whole"
        let problems = problems(findings, bench)
        let missing = findings.silent.filter { $0 > 0 }.sorted()
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
            let saw = "no answer to datagrams of \(Wording.bytes(missing)); \(isWhole)"
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

    /// Returns all problems besides silence: one fault must not hide another.
    private static func problems(
        _ findings: SizeFindings, _ bench: Bench
    ) -> [(saw: String, change: String)] {
        var problems: [(saw: String, change: String)] = []
        if let (bytes, how) = findings.changed {
            let first = findings.whole.contains(bytes) ? "came back whole at first, and " : ""
            problems.append(
                (
                    "\(Wording.bytes(bytes)) \(first)\(how) after smaller datagrams: what it "
                        + "received before changes what it answers",
                    bench.shrinks ? bench.advice.fullSize : Bench.noState
                ))
        }
        if let limit = findings.cut.map(\.got).max() {
            problems.append(
                (
                    "answers only the first \(Wording.bytes(limit)): truncation begins at "
                        + "\(Wording.bytes(limit + 1))", bench.advice.buffer
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
                    "after a datagram of \(Wording.bytes(deadly.bytes)) \(deadly.damage.text)",
                    deadly.damage.change
                        ?? (deadly.bytes == 0
                            ? "an empty datagram is legal and no end of input: go on with the next"
                            : bench.advice.survive)
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

    /// The byte patterns, each behind the header of a probe.
    static let specimens = [
        Specimen(name: "ff between two letters", octets: [0x61, 0xff, 0x62], isText: false),
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
            let reception = try bench.present(sent, number: number)
            // A payload cut only because of its length is reported by another trial.
            if case .altered(let answer) = reception, answer.count == bench.cutBytes,
                sent.starts(with: answer)
            {
                continue
            }
            findings.note(specimen, reception, sent: sent)
        }
        bench.survivesSingles = findings.deadly == nil
        return findings.outcome(bench.advice)
    }

    private struct OctetFindings {
        var tried = 0
        var verbatim = 0
        /// The answers that end early, which gives no information on text.
        var cut: [String] = []
        var noText: [String] = []
        var text: [String] = []
        var deadly: String?
        var restarts = 0

        mutating func note(_ specimen: Specimen, _ reception: Bench.Reception, sent: [UInt8]) {
            tried += 1
            let what: String
            var isCut = false
            switch reception {
            case .verbatim:
                verbatim += 1
                return
            case .altered(let answer):
                what = Self.change(of: sent, to: answer)
                isCut = sent.starts(with: answer)
            case .silent: what = "got no answer"
            case .damaged(let damage):
                what = "got no answer, and \(damage.text)"
                if deadly == nil { deadly = "\(specimen.name): \(damage.text)" }
            }
            if isCut {
                cut.append("\(specimen.name) \(what)")
            } else if specimen.isText {
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

        func outcome(_ advice: Advice) -> Outcome {
            let did = "sent \(tried) datagrams that are no plain text, a plain question after each"
            for (found, change) in [(noText, advice.bytes), (cut + text, advice.length)] {
                guard let first = found.first else { continue }
                let more = found.count > 1 ? " (and \(found.count - 1) more of the kind)" : ""
                return .fail(did, saw: first + more, change: change)
            }
            return .pass(did, saw: "\(verbatim) of \(tried) came back verbatim")
        }
    }
}
