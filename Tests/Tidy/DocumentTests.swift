import Testing

/// README, CONTRIBUTING, CHANGELOG, the page of the report, and the pages of the documentation.
@Suite struct DocumentTests {
    private static let pagesFolder = "Sources/udplab/Documentation.docc"
    private static let pages = SourceFile.all(in: pagesFolder, ending: ".md").map(\.path)
    private static let documents =
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Reports/README.md"] + pages

    private static func document(_ path: String) -> Document? {
        SourceFile.text(path).map { Document(path: path, text: $0) }
    }

    @Test("README fits on two screens")
    func readmeIsShort() throws {
        let readme = try #require(Self.document("README.md"))
        #expect(readme.text.utf8.count <= DocumentRules.readmeBytesMax)
    }

    @Test("README links to every page, and the landing page has every page")
    func readmeLinksToPages() throws {
        let readme = try #require(Self.document("README.md"))
        let landing = try #require(Self.document("\(Self.pagesFolder)/udplab.md"))
        let pages = Self.pages.filter { $0 != landing.path }
        #expect(pages.count >= 16)
        #expect(pages.filter { !readme.links.contains($0) } == [])
        let names = pages.map { $0.dropFirst(Self.pagesFolder.count + 1).dropLast(3) }
        #expect(names.filter { !landing.text.contains("<doc:\($0)>") } == [])
    }

    @Test(
        "every relative link leads to a file, and to a heading where it names one",
        arguments: documents)
    func linksAreAlive(path: String) throws {
        let document = try #require(Self.document(path))
        let dead = DocumentRules.deadLinks(
            in: document, exists: SourceFile.exists, read: Self.document)
        #expect(dead == [])
    }

    @Test("a reader finds the source of a verdict, of a send and of an impairment in two steps")
    func readmeLeadsToTheSource() throws {
        let readme = try #require(Self.document("README.md"))
        #expect(readme.links.contains("CONTRIBUTING.md#where-is-what"))
        let contributing = try #require(Self.document("CONTRIBUTING.md"))
        for file in ["RunVerdict.swift", "SenderLoop.swift", "LossModel.swift"] {
            let link = contributing.links.first { $0.hasSuffix("/\(file)") }
            #expect(link != nil, "CONTRIBUTING's map has \(file)")
        }
    }

    @Test("the rule finds dead links and headings, and passes what exists")
    func theRuleFindsDeadLinks() {
        let page = Document(
            path: "a/Page.md",
            text: """
                # A page: its *title*
                [up](../README.md#two-commands) [here](#a-page-its-title) [out](https://a.b/#c)
                [gone](Gone.md) [nowhere](#nowhere) [above](../../x.md)
                ```
                # no heading [no link](nothing.md)
                ```
                """)
        let readme = Document(path: "README.md", text: "## Two commands\n")
        let dead = DocumentRules.deadLinks(
            in: page, exists: { ["a/Page.md", "README.md"].contains($0) },
            read: { $0 == "README.md" ? readme : nil })
        #expect(dead.count == 3)
        #expect(page.anchors == ["a-page-its-title"])
    }
}
