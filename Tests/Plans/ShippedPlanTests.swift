import Glibc
import Harness
import JSON
import Shipped
import Testing

@testable import Plans

/// The plans inside the program: those of `Scenarios/`, and the templates of `init`.
@Suite("Shipped plans")
struct ShippedPlanTests {
    private static let folder = Corpus.scenarios
    private static let sources = folder + "/../Sources/Shipped"

    private static let names = TemporaryDirectory.names(in: folder)
        .filter { $0.hasSuffix(".json") && !$0.hasSuffix(".schema.json") }
        .map { String($0.dropLast(".json".count)) }

    /// The name as an identifier: `kill-and-restart` is `killAndRestart`.
    private static func identifier(_ name: String) -> String {
        let words = name.split(separator: "-")
        return words.prefix(1).joined()
            + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private static func source(_ name: String, _ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.isEmpty ? "" : "        \($0)"
        }
        return """
            extension ShippedPlan {
                static let \(identifier(name)) = ShippedPlan(
                    "\(name)",
                    #\"""
            \(lines.joined(separator: "\n"))
                    \"""#)
            }

            """
    }

    @Test(
        "the program has each plan of Scenarios/ as it is; UDPLAB_RECORD=1 writes it",
        arguments: names)
    func shipped(name: String) throws {
        let text = String(
            decoding: try Corpus.bytes("\(Self.folder)/\(name).json"), as: UTF8.self)
        if getenv("UDPLAB_RECORD") != nil {
            let identifier = Self.identifier(name)
            let title = identifier.prefix(1).uppercased() + identifier.dropFirst()
            let path = "\(Self.sources)/ShippedPlan+\(title).swift"
            let file = try #require(fopen(path, "w"), "\(path)")
            defer { fclose(file) }
            fputs(Self.source(name, text), file)
            return
        }
        #expect(ShippedPlan.named(name)?.text == text)
    }

    @Test("the program has no other plans, and each says in a sentence what it is for")
    func all() throws {
        #expect(ShippedPlan.all.map(\.name).sorted() == Self.names.sorted())
        for plan in ShippedPlan.all {
            let about = try #require(ShippedPlans.about(plan), "\(plan.name)")
            #expect(about.hasSuffix(".") && about.count <= 160, "\(plan.name): \(about)")
        }
    }

    @Test("a shipped plan is read like a file, under its own name", arguments: names)
    func read(name: String) throws {
        let path = ":\(name)"
        let plan = try PlanFile.load(path)
        #expect(plan.name == name || !plan.scenarios.isEmpty)
        #expect(plan.path == path)
        let file = try PlanFile.load("\(Self.folder)/\(name).json")
        #expect(plan.sha256 == file.sha256)
    }

    @Test("an unknown name is an error of the plan, with the nearest one")
    func unknown() {
        let error = #expect(throws: PlanError.self) { _ = try PlanFile.load(":quikstart") }
        #expect(error.map { "\($0)" }?.contains("did you mean \":quickstart\"?") == true)
    }

    @Test("each template is a legal plan with remarks", arguments: PlanTemplate.allCases)
    func template(_ template: PlanTemplate) throws {
        let plan = try PlanReader.read(
            Array(template.text(program: "\"udplab\"").utf8), path: "plan.json")
        #expect(plan.name == template.rawValue)
        #expect(!plan.extras.isEmpty)
    }
}
