import Glibc
import Harness
import Testing

/// The completion scripts in the shells that they are for, and the answers of the program to them.
@Suite struct CompletionTests {
    private static let networks = Program.root + "/Scenarios/loss-across-networks.json"

    /// A folder to complete in, and the environment in which `udplab` is the program under test.
    private struct Place {
        let directory: TemporaryDirectory
        let environment: [String: String?]

        init() throws {
            directory = try TemporaryDirectory()
            let programs = directory.file(".programs")
            mkdir(programs, 0o755)
            symlink(Program.path, "\(programs)/udplab")
            for folder in ["sub", "sub/deep folder"] { mkdir(directory.file(folder), 0o755) }
            let plan = try TemporaryDirectory.read(CompletionTests.networks)
            for name in ["my plan.json", "one.json", "sub/other.json"] {
                try directory.write(name, plan)
            }
            try directory.write("notes.txt", "")
            let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
            environment = [
                "PATH": "\(programs):\(path)", "HOME": directory.path, "XDG_CONFIG_HOME": nil,
            ]
        }

        func script(_ shell: String) async throws -> String {
            let ended = try await Execution.run(
                ["--generate-completion-script", shell], in: directory)
            #expect(ended.code == 0 && ended.errors == "", "\(ended.all)")
            return try directory.write(".script", ended.output)
        }
    }

    /// A line that is typed, and what a shell makes of it.
    private struct Line: Sendable {
        let typed: String
        /// All that is offered, in the order of the alphabet; where only one is, it is inserted.
        let offered: [String]

        init(_ typed: String, _ offered: String...) {
            self.typed = "udplab \(typed)"
            self.offered = offered
        }
    }

    private static let lines = [
        Line("run my", "my plan.json"),
        Line("run sub/", "sub/deep folder/", "sub/other.json"),
        Line("run sub/o", "sub/other.json"),
        Line("check one.json sub/d", "sub/deep folder/"),
        Line("run :loss", ":loss-across-networks"),
        Line("list :q", ":quickstart"),
        Line("run :r", ":reordering", ":reset-storm", ":retry-policies"),
        Line("run one.json --only calls/w", "calls/wifi"),
        Line("run :loss-across-networks --only calls/w", "calls/wifi"),
        Line(#"run my\ plan.json --only calls/w"#, "calls/wifi"),
        Line("run 'my plan.json' --force --only calls/w", "calls/wifi"),
        Line(
            "check one.json --only calls/", "calls/clean", "calls/dsl", "calls/mobile",
            "calls/satellite", "calls/wifi"),
        Line("run --only ca"),
        Line("run missing.json --only ca"),
        Line("run one.json --export ju", "junit="),
        Line("run one.json --export junit=no", "junit=notes.txt"),
        Line("run one.json --report no", "notes.txt"),
        Line("run one.json --log-datagrams no", "notes.txt"),
        Line("relay --file o", "one.json"),
        Line("relay --log no", "notes.txt"),
        Line("resilience --report no", "notes.txt"),
        Line("resilience --only bu", "buffer-size", "burst"),
        Line("resilience --profile s", "strict"),
        Line("report --format h", "hgrm", "html"),
        Line("report o", "one.json"),
        Line("compare one.json my", "my plan.json"),
        Line("trend one.json my", "my plan.json"),
        Line("trend --metric rtt.p99", "rtt.p99", "rtt.p999", "rtt.p9999"),
        Line("explain rtt.p999", "rtt.p999", "rtt.p9999"),
        Line("init --for n", "networks"),
        Line("run one.json --gso o", "off", "on"),
        Line("send --on-reset a", "always"),
        Line("res", "resilience"),
    ]

    /// Options whose value is behind an equals sign: what is offered is the value.
    private static let joined = [
        Line("run one.json --report=no", "notes.txt"),
        Line("run one.json --gso=of", "off"),
    ]

    /// A file's name with a backslash, which bash reads only as a part of readline.
    private static let escaped = [Line(#"run my\ p"#, "my plan.json")]

    // MARK: - Shells

    /// Returns a line as readline gives it to a function: words are also split at `:` and `=`,
    /// which are words themselves.
    private static func wordsOfReadline(_ line: String) -> [String] {
        var words: [String] = []
        var quote: Character?
        var isEscaped = false
        var isNew = true
        for character in line {
            let isOrdinary = quote == nil && !isEscaped
            if isOrdinary, character == " " {
                isNew = true
                continue
            }
            let isBreak = isOrdinary && ":=".contains(character)
            let isAfterBreak = words.last.map { $0 == ":" || $0 == "=" } ?? true
            if isNew || isBreak != isAfterBreak || isBreak {
                words.append("")
            }
            words[words.count - 1].append(character)
            isNew = false
            if isOrdinary, character == "'" {
                quote = "'"
            } else if character == quote {
                quote = nil
            }
            isEscaped = !isEscaped && character == "\\"
        }
        return isNew ? words + [""] : words
    }

    @Test(
        "bash: files with blanks, colons, equals signs, and what the plan on the line has",
        arguments: (lines + joined).map(\.typed))
    func bash(typed: String) async throws {
        let line = try #require((Self.lines + Self.joined).first { $0.typed == typed })
        let place = try Place()
        let script = try await place.script("bash")
        let words = Self.wordsOfReadline(line.typed)
        let program = """
            . "$1"; shift
            COMP_LINE=$1 COMP_POINT=${#1}; shift
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
            eval "$(complete -p udplab | sed 's/.* -F \\([^ ]*\\) .*/\\1/') udplab x y"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let ended = try await Execution.run(
            ["--norc", "-c", program, "bash", script, line.typed] + words, program: "bash",
            in: place.directory, environment: place.environment)
        // readline inserts what is behind the last of its word breaks.
        let last = line.typed.split(separator: " ").last ?? ""
        let kept = last.lastIndex { ":=".contains($0) }.map { String(last[...$0]) } ?? ""
        let expected = line.offered.map {
            $0.hasPrefix(kept) ? String($0.dropFirst(kept.count)) : $0
        }
        let found = ended.output.split(separator: "\n").map {
            // readline marks folders itself.
            $0.hasPrefix("sub/deep") && !$0.hasSuffix("/") ? "\($0)/" : String($0)
        }
        #expect(found.sorted() == expected, "\(ended.all)")
        #expect(ended.errors == "")
    }

    @Test(
        "fish: the same lines", .enabled(if: Program.tool("fish") != nil, "fish is not installed"))
    func fish() async throws {
        let place = try Place()
        let script = try await place.script("fish")
        let program = """
            source $argv[1]
            for line in $argv[2..]
                echo "> $line"
                complete -C $line
            end
            """
        let lines = Self.lines + Self.joined + Self.escaped
        let ended = try await Execution.run(
            ["--no-config", "-c", program, script] + lines.map(\.typed), program: "fish",
            in: place.directory, environment: place.environment)
        let answers = ended.output.split(separator: "> ").map {
            $0.split(separator: "\n").map { $0.prefix { $0 != "\t" } }
        }
        #expect(answers.count == lines.count, "\(ended.all)")
        for (line, answer) in zip(lines, answers) {
            let found = answer.dropFirst().map { word in
                // Of --name=value the whole word is offered.
                String(word.hasPrefix("--") ? word.drop { $0 != "=" }.dropFirst() : word)
            }
            #expect(found.sorted() == line.offered, "\(line.typed): \(ended.all)")
        }
        #expect(ended.errors == "")
    }

    @Test(
        "zsh: of lines with one completion it is inserted, quoted",
        .enabled(if: Program.tool("zsh") != nil, "zsh is not installed"))
    func zsh() async throws {
        let place = try Place()
        let script = try await place.script("zsh")
        // A terminal of zsh's own, in which a key prints the line after the completion.
        let program = """
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell "PS1=; setopt no_beep; autoload -U compinit; compinit -D -u"
            zpty -w shell "source ${(q)1}; show() { print -r -- \\"LINE<\\$BUFFER>\\"; BUFFER=; }"
            zpty -w shell "zle -N show; bindkey '^X' show; print REA''DY"
            zpty -r shell text '*READY*'
            for line in "${@:2}"; do
                zpty -w -n shell "$line"$'\\t\\x18'
                zpty -r shell text '*LINE<*>*'
                print -r -- "${${text##*LINE<}%%>*}"
            done
            zpty -d shell
            """
        let lines = (Self.lines + Self.joined + Self.escaped).filter { $0.offered.count == 1 }
        #expect(lines.count > 20)
        let ended = try await Execution.run(
            ["-f", "-c", program, "zsh", script] + lines.map(\.typed), program: "zsh",
            in: place.directory, environment: place.environment)
        let answers = ended.output.split(separator: "\n").map { $0.filter { $0 != "\\" } }
        #expect(answers.count == lines.count, "\(ended.all)")
        for (line, answer) in zip(lines, answers) {
            #expect(
                answer.trimmed.hasSuffix(line.offered[0]), "\(line.typed): \(answer) \(ended.all)")
        }
    }

    // MARK: - Answers

    @Test("names that a shell would act on are not offered, and nothing of a plan is run")
    func hostileNames() async throws {
        let place = try Place()
        try place.directory.write(
            "bad.json",
            #"""
            { "plan": 1, "scenarios": [
              { "name": "$(touch owned)", "networks": ["a"] },
              { "name": "good", "networks": ["`touch owned`", "b; touch owned", "wifi", 7] }, 3 ] }
            """#)
        let script = try await place.script("bash")
        let program = """
            . "$1"
            COMP_LINE="udplab run bad.json --only " COMP_WORDS=(udplab run bad.json --only "")
            COMP_POINT=${#COMP_LINE} COMP_CWORD=4
            __udplab_complete_line udplab "" --only
            echo "${COMPREPLY[@]}"
            """
        let ended = try await Execution.run(
            ["--norc", "-c", program, "bash", script], program: "bash", in: place.directory,
            environment: place.environment)
        #expect(ended.output == "good good/wifi\n", "\(ended.all)")
        #expect(!place.directory.exists("owned"))
    }

    @Test("scenarios of another file that the plan extends are offered")
    func extended() async throws {
        let place = try Place()
        try place.directory.write(
            "mine.json", #"{ "plan": 1, "extends": "one.json", "name": "mine" }"#)
        let ended = try await Execution.run(
            ["---completion", "run", "--", "--only", "4", "0"]
                + ["udplab", "run", "mine.json", "--only", ""], in: place.directory)
        #expect(ended.output.split(separator: "\n").contains("calls/dsl"), "\(ended.all)")
    }

    @Test("another shell is refused, and without a name that of $SHELL is taken")
    func shells() async throws {
        let directory = try TemporaryDirectory()
        let other = try await Execution.run(
            ["--generate-completion-script", "tcsh"], in: directory)
        #expect(other.code == 64, "\(other.all)")
        let own = try await Execution.run(
            ["--generate-completion-script"], in: directory, environment: ["SHELL": "/bin/bash"])
        #expect(own.output.contains("__udplab_complete_line() {"), "\(own.all)")
    }
}

extension StringProtocol {
    fileprivate var trimmed: Substring {
        var text = self[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return Substring(text)
    }
}
