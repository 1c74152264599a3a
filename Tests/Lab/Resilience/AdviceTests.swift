import Testing

@testable import Lab

/// In whose words an author is told what to change.
@Suite struct AdviceTests {
    @Test(
        "the language is what the command's words show, and otherwise unknown",
        arguments: [
            ("/usr/bin/python3.12 server", ProgramLanguage.python),
            ("env -u HOME ./server.py {port}", .python), ("sh -c 'exec node server'", .node),
            ("deno run server.ts", .node), ("java -jar server.jar", .java),
            ("go run ./server", .go), ("cargo run --release", .rust), ("tcc -run server.c", .c),
            ("./server {port}", nil), ("./pythonic {port}", nil), ("./go-server/run", nil),
            ("./node_exporter", nil),
        ])
    func language(command: String, language: ProgramLanguage?) throws {
        #expect(try ProgramLanguage(command: CommandWords.split(command)) == language)
    }

    @Test("a server that runs already shows no language")
    func unknown() {
        #expect(ProgramLanguage(command: nil) == nil)
    }

    private static let sentences: [@Sendable (Advice) -> String] = [
        { $0.replyToSender }, { $0.keepAddress }, { $0.noConnect }, { $0.answerEach },
        { $0.keepPayload }, { $0.bytes }, { $0.buffer }, { $0.length }, { $0.fullSize },
        { $0.survive }, { $0.repeatsStep }, { $0.repeatsLoop }, { $0.callsItself }, { $0.reset },
        { $0.portZero }, { $0.socketBuffer },
    ]

    @Test("no advice has words of another language, and neutral advice has none of any")
    func words() {
        let marks: [ProgramLanguage: [String]] = [
            .python: ["except …", "sock."], .node: ["socket.on(", "Buffer.from"],
            .java: ["IOException", "byte["], .go: [":=", "conn."], .rust: ["&mut", "match "],
            .c: ["sizeof", "for (;;)"],
        ]
        for language in ProgramLanguage.allCases.map(Optional.some) + [nil] {
            let text = Self.sentences.map { $0(Advice(language: language)) }.joined(separator: "\n")
            for (other, words) in marks {
                for word in words {
                    #expect(text.contains(word) == (other == language), "\(word) in \(text)")
                }
            }
        }
    }
}
