import Foundation
import Harness
import Testing

@testable import Pictures

/// Pages in somebody else's browser: Chromium of Debian, where it is installed.
@Suite("Pages in a browser", .serialized)
struct BrowserTests {
    private static let browser = Program.tool("chromium")

    /// Runs the browser without a window on a file, and returns what it printed.
    private func browse(
        _ file: String, in directory: TemporaryDirectory, _ options: String...
    ) async throws -> Execution.Ended {
        let browser = try #require(Self.browser)
        let fixed = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            "--disable-background-networking", "--enable-logging=stderr",
            "--user-data-dir=\(directory.file("profile"))",
        ]
        return try await Execution(
            fixed + options + ["file://\(directory.file(file))"], program: browser, in: directory
        ).end(within: .seconds(400))
    }

    /// The lines that a page wrote to the console: errors, and breaches of the security policy.
    private func console(_ ended: Execution.Ended) -> [Substring] {
        ended.errors.split(separator: "\n").filter { $0.contains("CONSOLE") }
    }

    private func write(_ directory: TemporaryDirectory) throws {
        let made = MadeReport()
        var later = made
        later.seed = 2
        let one = ReportPage(reports: [made.report], names: ["one.json"])
        let two = ReportPage(
            reports: [made.report, later.report], names: ["one.json", "two.json"])
        let cards = ScorePage(cards: [PageTests.card], names: ["card.json"])
        try directory.write("one.html", one.html())
        try directory.write("two.html", two.html())
        try directory.write("card.html", cards.html())
        // The pages run no script: another page measures them from outside, at 390 px and 1,280 px.
        try directory.write(
            "frame.html",
            """
            <!DOCTYPE html><body><script>
            const names = ["one", "two", "card"], widths = [390, 1280];
            for (const name of names) for (const width of widths) {
              const frame = document.createElement("iframe");
              frame.style = `width:${width}px;height:800px;border:0`;
              frame.src = name + ".html";
              frame.onload = () => {
                const page = frame.contentDocument.documentElement;
                const asked = frame.contentWindow.performance.getEntriesByType("resource");
                const line = document.createElement("p");
                line.textContent = `measured ${name} ${width} ${page.scrollWidth} ${asked.length}`;
                document.body.append(line);
              };
              document.body.append(frame);
            }
            </script></body>
            """)
    }

    @Test(
        "a browser shows the pages without an error, without a request, and no wider than the screen",
        .enabled(if: browser != nil, "chromium is not installed"))
    func pagesAreShown() async throws {
        let directory = try TemporaryDirectory()
        try write(directory)
        let ended = try await browse(
            "frame.html", in: directory, "--allow-file-access-from-files", "--dump-dom",
            "--virtual-time-budget=20000")
        #expect(ended.code == 0, "\(ended.all)")
        #expect(console(ended) == [])
        let lines = ended.output.split(separator: "<p>").compactMap { part -> [Substring]? in
            guard part.hasPrefix("measured ") else { return nil }
            return part.prefix { $0 != "<" }.split(separator: " ")
        }
        #expect(lines.count == 6, "\(ended.all)")
        for line in lines {
            #expect(line[4] == "0", "\(line[1]).html asked for \(line[4]) other files")
            #expect(line[2] == line[3], "\(line[1]).html is \(line[3]) px wide on \(line[2]) px")
        }
    }

    @Test(
        "a page is printed on paper", .enabled(if: browser != nil, "chromium is not installed"))
    func pagesArePrinted() async throws {
        let directory = try TemporaryDirectory()
        try write(directory)
        let paper = directory.file("paper.pdf")
        let ended = try await browse("one.html", in: directory, "--print-to-pdf=\(paper)")
        #expect(ended.code == 0 && console(ended) == [], "\(ended.all)")
        #expect(try TemporaryDirectory.read(paper).starts(with: Array("%PDF".utf8)))
    }
}
