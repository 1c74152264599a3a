import Harness
import Testing

/// Mistakes that people make on their first command lines: each ends with the exit code of such a
/// mistake, and the answer says what to write instead. Those in plans are in `PlansTests`.
@Suite struct NewcomerTests {
    private struct Mistake {
        let words: [String]
        let says: String
        let code: Int32

        init(_ words: String, _ says: String, code: Int32 = 64) {
            self.words = words.split(separator: " ").map { String($0) }
            self.says = says
            self.code = code
        }
    }

    private func judge(_ mistakes: [Mistake]) async throws {
        let trial = try Trial()
        try trial.directory.write("old.json", "{}")
        for mistake in mistakes {
            let ended = try await Execution.run(mistake.words, in: trial.directory)
            let line = mistake.words.joined(separator: " ")
            #expect(ended.code == mistake.code, "\(line)\n\(ended.all)")
            #expect(ended.errors.contains(mistake.says), "\(line)\n\(ended.all)")
        }
    }

    @Test("verbs of other tools, and none")
    func verbs() async throws {
        try await judge([
            Mistake("test plan.json", "Did you mean 'udplab run'?"),
            Mistake("start plan.json", "Did you mean 'udplab run'?"),
            Mistake("rnu plan.json", "Did you mean 'udplab run'?"),
            Mistake("validate plan.json", "Did you mean 'udplab check'?"),
            Mistake("ping 127.0.0.1:9", "Did you mean 'udplab send'?"),
            Mistake("server 7788", "Did you mean 'udplab echo'?"),
            Mistake("proxy 127.0.0.1:9", "Did you mean 'udplab relay'?"),
            Mistake("diff a.json b.json", "Did you mean 'udplab compare'?"),
            Mistake("plan.json", "Did you mean 'udplab run plan.json'?"),
            Mistake("-c 127.0.0.1", "A verb stands first: udplab run PLAN"),
            Mistake("-s", "A verb stands first: udplab run PLAN"),
            Mistake("-u -c 127.0.0.1 -b 10M", "A verb stands first: udplab run PLAN"),
        ])
    }

    @Test("options of iperf3, irtt, sockperf and k6 beside a plan")
    func options() async throws {
        let sender = "The plan says it: --set scenarios.NAME.senders.NAME."
        try await judge([
            Mistake("run plan.json -u", "Leave it out: everything is UDP."),
            Mistake("run plan.json -b 10M", sender + "rate=100pps"),
            Mistake("run plan.json --bandwidth 10M", sender + "rate=100pps"),
            Mistake("run plan.json -i 20ms", sender + "rate=100pps"),
            Mistake("run plan.json -t 10", sender + "duration=10s"),
            Mistake("run plan.json --time 10", sender + "duration=10s"),
            Mistake("run plan.json --duration 10s", sender + "duration=10s"),
            Mistake("run plan.json -n 100", sender + "count=100"),
            Mistake("run plan.json --length 160", sender + "payload=160B"),
            Mistake("run plan.json --vus 10", sender + "flows=10"),
            Mistake("run plan.json -P 10", sender + "flows=10"),
            Mistake("run plan.json --host 127.0.0.1", "--set responders.NAME.address=HOST:PORT"),
            Mistake("run plan.json -c 127.0.0.1", "--set responders.NAME.address=HOST:PORT"),
            Mistake("run plan.json -p 5000", "--set responders.NAME.address=HOST:PORT"),
            Mistake("run plan.json -s", "udplab echo --port N is a server"),
            Mistake("run plan.json -o out.json", "Did you mean '--report'?"),
            Mistake("run plan.json --output out.json", "Did you mean '--report'?"),
            Mistake("run plan.json -J", "Did you mean '--json'?"),
            Mistake("run plan.json -y", "Did you mean '--force'?"),
            Mistake("relay --to 127.0.0.1:9 --latency 10ms", "Did you mean '--delay'?"),
            Mistake("relay --to 127.0.0.1:9 --bandwidth 1M", "Did you mean '--rate'?"),
            Mistake("listen --port 0 --host 0.0.0.0", "Did you mean '--bind'?"),
            Mistake("send -c 127.0.0.1 hello", #"such as "127.0.0.1:5000""#),
            Mistake("send --host 127.0.0.1 -p 9 hello", #"did you mean "127.0.0.1:9"?"#),
            Mistake("send 127.0.0.1:9 hello -p 9", "udplab send HOST:PORT TEXT"),
            Mistake("send 127.0.0.1:9 hello -n 3", "Did you mean '--count'?"),
        ])
    }

    @Test("addresses and ports")
    func addresses() async throws {
        try await judge([
            Mistake("send localhost 5000", #"did you mean "localhost:5000"?"#),
            Mistake("send localhost hello", #"such as "localhost:5000""#),
            Mistake("send :5000 hello", #"such as "127.0.0.1:5000""#),
            Mistake("send 5000 hello", #"such as "127.0.0.1:5000""#),
            Mistake("send udp://localhost:5000 hello", #"such as "localhost:5000""#),
            Mistake("send http://localhost:5000/x hello", #"such as "localhost:5000""#),
            Mistake("send ::1:5000 hello", #""[::1]:5000""#),
            Mistake("send 127.0.0.1:http hello", #"port "http" is no number (legal: 1 to 65535)"#),
            Mistake("send 127.0.0.1:99999 hello", "(legal: 1 to 65535)"),
            Mistake("echo 7788", "Did you mean 'udplab echo --port 7788'?"),
            Mistake("echo -p 7788", "Did you mean 'udplab echo --port 7788'?"),
            Mistake(
                "listen 0.0.0.0:7788", "Did you mean 'udplab listen --port 7788 --bind 0.0.0.0'?"),
            Mistake("echo --port 127.0.0.1:7788", "did you mean '--port 7788 --bind 127.0.0.1'?"),
            Mistake("echo --port 70000", "a port is 0 to 65535"),
            Mistake("relay 127.0.0.1:5000", "Did you mean 'udplab relay --to 127.0.0.1:5000'?"),
            Mistake("chat localhost:7788", "--join enters one"),
            Mistake("resilience localhost:5000", "--address HOST:PORT"),
            Mistake("listen --port 0 --bind localhost", "such as 127.0.0.1 or ::1"),
        ])
    }

    @Test("quantities on the command line")
    func quantities() async throws {
        try await judge([
            Mistake("send 127.0.0.1:9 hello --wait 5", #""5ms" or "5s""#),
            Mistake("send 127.0.0.1:9 hello --wait 5sec", #"did you mean "5s"?"#),
            Mistake("send 127.0.0.1:9 hello --wait 1,5s", #"did you mean "1.5s"?"#),
            Mistake("send 127.0.0.1:9 hello --count ten", "a whole number is expected"),
            Mistake("relay --to 127.0.0.1:9 --loss 0.01", #""1%" where 0.01 is a ratio"#),
            Mistake("relay --to 127.0.0.1:9 --delay 20", #""20ms" or "20s""#),
            Mistake("relay --to 127.0.0.1:9 --rate 10MB/s", #""80Mbit" where B is a byte"#),
            Mistake("check plan.json --duration-scale 10%", "such as 0.1"),
        ])
    }

    @Test("files, scenarios and other names")
    func names() async throws {
        try await judge([
            Mistake("run pln.json", #"did you mean "plan.json"?"#, code: 104),
            Mistake("run plan", #"did you mean "plan.json"?"#, code: 104),
            Mistake("run other.json", "udplab init FILE writes a plan", code: 104),
            Mistake("run quickstart", #"did you mean ":quickstart""#, code: 104),
            Mistake("run :quickstrat", #"did you mean ":quickstart"?"#, code: 104),
            Mistake("run .", "a plan is a regular file", code: 104),
            Mistake("run plan.json --report old.json", "replace it with --force"),
            Mistake("run plan.json --report no/r.json", "create it, or name another place"),
            Mistake("check plan.json --only shrot", #"did you mean "short"?"#, code: 104),
            Mistake("check plan.json --only short/wifi", #"known are "net""#, code: 104),
            Mistake(
                "check plan.json --set scenarios.shrot.repeat=2", #"did you mean "short"?"#,
                code: 104),
            Mistake(
                "check plan.json --set scenarios.short.repaet=2", #"did you mean "repeat"?"#,
                code: 104),
            Mistake("check plan.json --set scenarios.short.repeat", "--set is PATH=VALUE"),
            Mistake("run plan.json --export pdf=x.pdf", "html, junit, markdown"),
            Mistake("run plan.json --export x.xml", "such as junit=result.xml"),
            Mistake("explain bandwith", #"did you mean "bandwidth"?"#),
            Mistake("explain lateny", #"did you mean "latency"?"#),
            Mistake("init --for webserver new.json", "ci, networks, hosts, resilience, service"),
            Mistake("report plan.json", "it is a plan"),
        ])
    }

    @Test("what the answers say to write works")
    func corrected() async throws {
        let trial = try Trial()
        for words in [
            ["check", "plan.json", "--set", "scenarios.short.repeat=2"],
            ["check", "plan.json", "--only", "short"], ["check", ":quickstart"],
            ["check", "plan.json", "--duration-scale", "0.1"], ["explain", "bandwidth"],
            ["explain", "latency"], ["init", "--for", "ci", "new.json"],
            ["send", "127.0.0.1:9", "hello", "--wait", "0", "--count", "1"],
        ] {
            let ended = try await Execution.run(words, in: trial.directory)
            #expect(ended.code == 0, "\(words)\n\(ended.all)")
        }
    }
}
