import Glibc
import Harness
import JSON
import Testing

/// `run --watch` as somebody else's program sees it: a client of Python's library.
@Suite struct WatchTests {
    private static var said: Regex<(Substring, Substring)> {
        /watch: (http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/)\n/
    }

    /// Prints the status of a wrong token, the page's title, and all events until the server ends
    /// them.
    private static let client = """
        import sys, urllib.error, urllib.request
        def get(address): return urllib.request.urlopen(address, timeout=200)
        address = sys.argv[1]
        try: get(address[:-2] + "xx")
        except urllib.error.HTTPError as error: print("wrong token:", error.code)
        print("page:", get(address).read().decode().split("<title>")[1].split("<")[0])
        for line in get(address + "events"): print(line.decode(), end="", flush=True)
        """

    private func browse(_ address: String, in directory: TemporaryDirectory) throws -> Execution {
        try Execution(
            ["-c", Self.client, address], program: Program.python ?? "python3", in: directory)
    }

    @Test("a watched run serves its page and its events until its end, as any other run has it")
    func watched() async throws {
        let trial = try Trial(PlanText(senders: [PlanText.endless]))
        var address = ""
        var client: Execution?
        let ended = try await trial.during("--watch") { execution in
            let match = try #require(execution.errorsSoFar.firstMatch(of: Self.said))
            address = String(match.output.1)
            let browser = try browse(address, in: trial.directory)
            #expect(try await browser.prints("event: now\n"), "\(browser.errorsSoFar)")
            client = browser
            execution.signal(SIGINT)
        }
        #expect(ended.code == 105, "\(ended.all)")
        #expect(ended.output == "report.json\n")
        #expect(try trial.report().ledgerFaults == [])
        let seen = try #require(await client?.end())
        #expect(seen.code == 0, "\(seen.errors)")
        #expect(seen.output.hasPrefix("wrong token: 404\npage: running: trial\nevent: now\n"))
        #expect(seen.output.contains("<title>aborted: trial</title>"))
        let late = try await browse(address, in: trial.directory).end()
        #expect(late.errors.contains("Connection refused"), "\(late.all)")
    }

    /// The first service prints its token and ends, so that its words are on the page of the second
    /// run, which lasts.
    @Test("a secret is not on the page of a watched run, while it runs and at its end")
    func secret() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            "plan.json",
            """
            { "plan": 1, "name": "secret", "networks": { "here": { "kind": "loopback" } },
              "responders": { "echo": { "behaviour": "echo" },
                "service": { "command": ["sh", "-c", "echo the token is $1; exit 3", "sh",
                  "${TOKEN}", "{port}"] } },
              "scenarios": [
                { "name": "one", "networks": ["here"], "responder": "service",
                  "senders": [ { "name": "a", "rate": "5pps", "payload": "64B", "count": 1 } ] },
                { "name": "two", "networks": ["here"], "responder": "echo",
                  "senders": [ { "name": "a", "rate": "5pps", "payload": "64B",
                    "duration": "600s" } ] } ] }
            """)
        var client: Execution?
        let ended = try await Execution.during(
            [
                "run", "plan.json", "--report", "report.json", "--watch", "--secret-var",
                "TOKEN=hunter2",
            ], in: directory
        ) { execution in
            #expect(try await execution.says("watch: http"))
            let match = try #require(execution.errorsSoFar.firstMatch(of: Self.said))
            let browser = try browse(String(match.output.1), in: directory)
            client = browser
            #expect(try await browser.prints("the token is"), "\(browser.outputSoFar)")
            execution.signal(SIGINT)
        }
        #expect(ended.code == 105, "\(ended.all)")
        let seen = try #require(await client?.end())
        #expect(seen.output.contains("the token is •••"), "\(seen.output)")
        #expect(!seen.output.contains("hunter2"), "\(seen.output)")
        #expect(!ended.all.contains("hunter2"), "\(ended.all)")
    }
}
