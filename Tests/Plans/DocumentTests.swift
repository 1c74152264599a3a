import Glibc
import Harness
import JSON
import Testing

@testable import Plans

/// The plans and tables of keys in the documents, held to the reader.
@Suite struct DocumentTests {
    private static let root = Corpus.scenarios + "/.."
    private static let folder = root + "/Sources/udplab/Documentation.docc"

    static let pages = TemporaryDirectory.names(in: folder).filter { $0.hasSuffix(".md") }
        .map { "\(folder)/\($0)" }

    private func text(_ path: String) throws -> String {
        String(decoding: try Corpus.bytes(path), as: UTF8.self)
    }

    /// The blocks that are fenced as `json`.
    private func plans(in path: String) throws -> [Substring] {
        try text(path).split(separator: "```json\n", omittingEmptySubsequences: false).dropFirst()
            .compactMap { $0.split(separator: "```", maxSplits: 1).first }
    }

    @Test(arguments: pages + [root + "/README.md"])
    func thePlansOfADocumentAreLegal(path: String) throws {
        for plan in try plans(in: path) { _ = try read(String(plan)) }
    }

    /// A command and a service at the end of a path tell nothing, so the accounts of their side are
    /// null, and a threshold on one of them never holds.
    @Test(arguments: pages + [root + "/README.md"])
    func noThresholdOfADocumentIsOnAFigureWithoutAValue(path: String) throws {
        for plan in try plans(in: path) {
            for scenario in try read(String(plan)).scenarios {
                let isSilent = isSilent(scenario.responder)
                let names = scenario.thresholds.map(\.figure.name)
                let null = ["ledger.forward_lost", "ledger.backward_lost", "one_way.p99"]
                #expect(!isSilent || names.filter(null.contains) == [], "\(scenario.name)")
            }
        }
    }

    /// Whether nothing of udplab's is at the other end: a command, or on paths no responder.
    private func isSilent(_ responder: ResponderDefinition?) -> Bool {
        guard let responder else { return true }
        guard case .command = responder.kind else { return false }
        return true
    }

    @Test func theDocumentsHavePlans() throws {
        #expect(try !plans(in: Self.root + "/README.md").isEmpty)
        #expect(try Self.pages.count { try !plans(in: $0).isEmpty } >= 4)
    }

    private func begin(_ table: PlanTables) -> String {
        "<!-- keys of \(table.rawValue): begin -->"
    }
    private func end(_ table: PlanTables) -> String { "<!-- keys of \(table.rawValue): end -->" }

    @Test func theTablesOfKeysAreThoseOfTheReader() throws {
        for table in PlanTables.allCases { try check(table) }
    }

    private func check(_ table: PlanTables) throws {
        let (begin, end) = ("\(begin(table))\n", end(table))
        let pages = try Self.pages.filter { try text($0).contains(begin) }
        try #require(pages.count == 1, "one page has the keys of \(table)")
        let page = try text(pages[0])
        let first = try #require(page.firstRange(of: begin))
        let last = try #require(page.firstRange(of: end), "the page has the second mark")
        guard page[first.upperBound..<last.lowerBound] != table.markdown else { return }
        guard getenv("UDPLAB_RECORD") != nil else {
            Issue.record("\(pages[0]) is not up to date; UDPLAB_RECORD=1 writes it again")
            return
        }
        let (before, after) = (page[..<first.upperBound], page[last.lowerBound...])
        let file = try #require(fopen(pages[0], "w"))
        defer { fclose(file) }
        fputs("\(before)\(table.markdown)\(after)", file)
    }

    @Test func noPageHasATableThatNothingWrites() throws {
        let known = PlanTables.allCases.flatMap { [begin($0), end($0)] }
        for page in Self.pages {
            let marks = try text(page).split(separator: "\n").filter { $0.hasPrefix("<!--") }
            #expect(marks.filter { !known.contains(String($0)) } == [], "\(page)")
        }
    }

    @Test func everyKeyOfThePlanIsInATable() throws {
        let all = PlanTables.allCases.map(\.markdown).joined()
        var missing: Set<String> = []
        forEachKey(of: PlanSchema.json()) { key in
            if !all.contains("| `\(key)` |") { missing.insert(key) }
        }
        // The word of a form, which stands in the first column.
        #expect(missing == ["model"])
    }

    private func forEachKey(of schema: JSONValue, _ visit: (String) -> Void) {
        switch schema {
        case .array(let values): for value in values { forEachKey(of: value, visit) }
        case .object(let members):
            for member in members {
                if member.key == "properties", case .object(let properties) = member.value {
                    for property in properties { visit(property.key) }
                }
                forEachKey(of: member.value, visit)
            }
        default: return
        }
    }
}
