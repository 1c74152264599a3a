import Testing

/// The house rules that a program can check, over the files of the checkout.
@Suite struct TidyTests {
    private static let sources = SourceFile.all(in: "Sources")
    private static let tests = SourceFile.all(in: "Tests")

    @Test("there are files to look at")
    func files() {
        #expect(Self.sources.count > 100)
        #expect(Self.tests.count > 50)
        #expect(Set(Self.sources.map(\.target)).isSuperset(of: TidyRules.allowedImports.keys))
    }

    @Test("files, functions and lines are as short as the style asks")
    func lengths() {
        #expect(Self.sources.flatMap(TidyRules.lengths) == [])
        let long: [String] = Self.tests.flatMap { TidyRules.lengths($0) }.filter {
            !$0.contains("columns")
        }
        #expect(long == [])
    }

    @Test("each target imports what the house has it import")
    func imports() {
        #expect(Self.sources.flatMap(TidyRules.imports) == [])
    }

    @Test("the rooms of a target use each other one way only")
    func rooms() {
        let targets = Dictionary(grouping: Self.sources, by: \.target)
        #expect(targets.count >= 15)
        for (_, files) in targets.sorted(by: { $0.key < $1.key }) {
            #expect(RoomRules.circles(files) == [])
        }
    }

    @Test("a circle of rooms is found, however long, and a word in a string is none")
    func circles() {
        func file(_ room: String, _ text: String) -> SourceFile {
            SourceFile(path: "Sources/Lab/\(room)/File.swift", text: text)
        }
        let line = [file("A", "struct One { let two: Two }\n"), file("B", "struct Two {}\n")]
        #expect(RoomRules.circles(line) == [])
        #expect(RoomRules.circles(line + [file("B", "let text = \"One\"\n")]) == [])
        let circle = line + [file("C", "enum Three: One {}\n"), file("B", "let x = Three()\n")]
        #expect(
            RoomRules.circles(circle) == [
                "A uses Two of B; B uses Three of C; C uses One of A"
            ])
    }

    @Test("no source has words that end a program, nor remarks for later")
    func words() {
        #expect(Self.sources.flatMap(TidyRules.words) == [])
    }

    @Test("comments say what is declared, in the terms of the house")
    func comments() {
        let headers = ["c", "h"].flatMap { SourceFile.all(in: "Sources", ending: ".\($0)") }
        #expect(headers.count > 5)
        #expect((Self.sources + headers).flatMap(TidyRules.comments) == [])
    }

    /// Cases and names that a macro, a C header or the Codable protocol reads.
    private static let readElsewhere: Set<String> = [
        "CodingKeys", "ListCodingKeys", "_0", "customMirror", "main", "metadataProvider",
    ]
    /// For the tests: simulated kernels, looks inside, and the tables of the documents.
    private static let readByTests: Set<String> = [
        "simulate", "unfinishedCount", "bytesQueued", "slotNames", "askReceiveBuffers",
        "PlanTables",
    ]

    @Test("nothing is declared that nothing uses")
    func dead() {
        let dead = TidyRules.dead(
            Self.sources, except: Self.readElsewhere.union(Self.readByTests))
        #expect(dead == [])
        let words = Set(
            Self.tests.flatMap(\.code).joined(separator: "\n").split {
                !($0.isLetter || $0.isNumber || $0 == "_")
            }.map(String.init))
        #expect(Self.readByTests.subtracting(words) == [], "no test reads them any more")
    }

    @Test(
        "every scenario that ships is run by a test and named in a document",
        arguments: SourceFile.scenarios())
    func scenario(name: String) {
        let isTested = Self.tests.contains { file in
            file.lines.contains { $0.contains("\"\(name)\"") || $0.contains("Scenarios/\(name)") }
        }
        #expect(isTested, "no test runs Scenarios/\(name)")
        let pages = SourceFile.all(in: "Sources/udplab/Documentation.docc", ending: ".md")
        let isNamed = pages.contains { page in page.lines.contains { $0.contains(name) } }
        #expect(isNamed, "no page of the documentation names Scenarios/\(name)")
    }

    // MARK: - The rules themselves

    private func file(_ text: String, target: String = "Metrics") -> SourceFile {
        SourceFile(path: "Sources/\(target)/Bad.swift", text: text)
    }

    @Test("each rule finds what breaks it, and passes what does not")
    func rules() {
        let long =
            "struct Bad {\n    func long() {\n" + String(repeating: "        go()\n", count: 90)
            + "    }\n}\n"
        #expect(TidyRules.lengths(file(long)).count == 1)
        #expect(TidyRules.lengths(file(String(repeating: "\n", count: 501))).count == 1)
        #expect(TidyRules.lengths(file("// " + String(repeating: "x", count: 98))).count == 1)
        #expect(TidyRules.lengths(file("func short() {\n    go()\n}\n")) == [])
        #expect(TidyRules.imports(file("import Dispatch\n")).count == 1)
        #expect(TidyRules.imports(file("package import JSON\n")).count == 1)
        #expect(TidyRules.imports(file("import Histogram\n// import JSON\n")) == [])
        #expect(TidyRules.imports(file("import Swift\n", target: "Unknown")).count == 1)
        #expect(TidyRules.words(file("let x = try! go()\n")).count == 1)
        #expect(TidyRules.words(file("    print(1)\n// TODO: more\n")).count == 2)
        #expect(TidyRules.words(file("let x = \"try! it\"\nfingerprint(x)\n// as! said\n")) == [])
        #expect(TidyRules.comments(file("/// What it is.\nlet x = 1\n")).count == 1)
        #expect(
            TidyRules.comments(file("/// One that is.\n/// Who knows.\nlet x = 1\n")).count == 1)
        #expect(TidyRules.comments(file("let x = 1  // octets of text\n")).count == 1)
        let sound = "/// Whether it is, by\n/// What else.\n/// - Parameter octets: The `octets`.\n"
        #expect(TidyRules.comments(file(sound + "let octets = \"What octets\"\n")) == [])
        let two = [file("func used() {}\nfunc unused() {}\n"), file("used()\n")]
        #expect(TidyRules.dead(two, except: []).count == 1)
        #expect(TidyRules.dead(two, except: ["unused"]) == [])
    }
}
