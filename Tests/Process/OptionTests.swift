import Glibc
import Harness
import JSON
import Testing

/// Every option where a user looks for it: in the help, the completions, the manual pages and the
/// pages of the documentation.
@Suite struct OptionTests {
    private struct Verb {
        let name: String
        /// The long names of the options that are no secret.
        let options: [String]
    }

    /// The verbs, as the program describes itself to generators.
    private static func verbs() async throws -> [Verb] {
        let ended = try await Execution.run(
            ["--experimental-dump-help"], in: TemporaryDirectory())
        let help = try JSONValue.parse(Array(ended.output.utf8), limits: .report)
        let verbs = (help["command"]?["subcommands"]?.array ?? []).compactMap { verb -> Verb? in
            guard let name = verb["commandName"]?.string, name != "help" else { return nil }
            let shown = (verb["arguments"]?.array ?? []).filter {
                $0["shouldDisplay"] == .bool(true)
            }
            let names = shown.flatMap { $0["names"]?.array ?? [] }
            return Verb(
                name: name,
                options: names.filter { $0["kind"]?.string == "long" }
                    .compactMap { $0["name"]?.string })
        }
        #expect(verbs.count >= 16)
        #expect(verbs.flatMap(\.options).count > 150)
        return verbs
    }

    /// Returns the options that a text does not have, each with the characters around its name.
    private static func missing(
        _ options: [String], in text: String, _ mark: (String) -> String
    ) -> [String] {
        let words = Set(text.split { !($0.isLetter || $0.isNumber || "-'_".contains($0)) })
        return options.filter { !words.contains(Substring(mark($0))) }
    }

    @Test("the help of a verb has all of its options")
    func help() async throws {
        for verb in try await Self.verbs() {
            let ended = try await Execution.run([verb.name, "--help"], in: TemporaryDirectory())
            // A switch with two names is one line: --github/--no-github.
            let missing = Self.missing(verb.options, in: ended.output) { "--\($0)" }
            #expect(missing == [], "udplab \(verb.name) --help")
        }
    }

    @Test("the completions of a verb have all of its options", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) async throws {
        let ended = try await Execution.run(
            ["--generate-completion-script", shell], in: TemporaryDirectory())
        for verb in try await Self.verbs() {
            let own: String
            if shell == "fish" {
                own = ended.output.split(separator: "\n")
                    .filter { $0.contains("\"udplab \(verb.name)\"") }.joined(separator: "\n")
            } else {
                let start = try #require(
                    ended.output.firstRange(of: "\n_udplab_\(verb.name)() {\n"))
                let rest = ended.output[start.upperBound...]
                own = String(rest[..<(rest.firstRange(of: "\n}\n")?.lowerBound ?? rest.endIndex)])
            }
            let missing = Self.missing(verb.options, in: own.replacing("'--", with: "--")) {
                shell == "fish" ? "'\($0)'" : "--\($0)"
            }
            #expect(missing == [], "\(shell): udplab \(verb.name)")
        }
    }

    @Test("the pages of the documentation have all options")
    func pages() async throws {
        let folder = Program.root + "/Sources/udplab/Documentation.docc"
        let text = TemporaryDirectory.names(in: folder).filter { $0.hasSuffix(".md") }.map {
            String(decoding: (try? TemporaryDirectory.read("\(folder)/\($0)")) ?? [], as: UTF8.self)
        }.joined(separator: "\n")
        for verb in try await Self.verbs() {
            let missing = Self.missing(verb.options, in: text) { "--\($0)" }.filter { option in
                // The options of one direction are described as those of both, once.
                let both = option.split(separator: "-", maxSplits: 1).last.map(String.init)
                let isDirected = option.hasPrefix("forward-") || option.hasPrefix("backward-")
                return !isDirected || !Self.missing([both ?? ""], in: text) { "--\($0)" }.isEmpty
            }
            #expect(missing == [], "no page has these of udplab \(verb.name)")
        }
    }

    @Test(
        "the manual page of a verb has all of its options, and man(1) finds nothing in it",
        .enabled(if: Packages.folder != nil, Packages.absence))
    func manual() async throws {
        let place = try await Packages.unpackedArchive()
        for verb in try await Self.verbs() {
            let name = "share/man/man1/udplab-\(verb.name).1"
            let page = String(decoding: try place.read(name), as: UTF8.self)
            let written = page.replacing("Fl -", with: "--")
            #expect(Self.missing(verb.options, in: written) { "--\($0)" } == [], "\(name)")
            #expect(!page.contains("\n\n"), "\(name) has an empty line")
        }
        let pages = TemporaryDirectory.names(in: place.file("share/man/man1"))
        #expect(pages.contains("udplab.1"))
        #expect(!pages.contains { $0.contains("worker") }, "the hidden verb stays hidden")
    }

    @Test(
        "man(1) and mandoc(1) find nothing wrong in the manual pages",
        .enabled(if: Packages.folder != nil, Packages.absence),
        .enabled(
            if: Program.tool("mandoc") != nil || Program.tool("man") != nil,
            "neither mandoc nor man is installed"))
    func manualIsClean() async throws {
        let place = try await Packages.unpackedArchive()
        let check =
            Program.tool("mandoc") != nil
            ? "mandoc -T lint -W error" : "man --warnings -E UTF-8 -l -Tutf8 -Z"
        let ended = try await Execution.run(
            ["-c", "for page in share/man/man1/*; do \(check) \"$page\" 2>&1 >/dev/null; done"],
            program: "sh", in: place, environment: ["LC_ALL": "C.UTF-8"])
        #expect(ended.output == "", "\(ended.all)")
    }
}
