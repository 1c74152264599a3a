import Glibc
import Harness
import JSON
import Testing

/// What strangers send to a responder, and what answers in an echo's place.
@Suite struct HostileDatagramTests {
    @Test("H1 a million random datagrams of all sizes come back verbatim, and memory stays flat")
    func h1randomDatagrams() async throws {
        let seed = UInt64.random(in: 1...UInt64.max)
        let peer = try PlainSocket()
        let ended = try await Execution.during(["echo", "--port", "0"], in: TemporaryDirectory()) {
            echo in
            let address = try await echo.address()
            var flood = try RandomFlood(to: address, seed: seed)
            let sizes = RandomFlood.sizes(count: 1_000_000, seed: seed)
            flood.send(sizes: Array(sizes[..<100_000]))
            let early = try ProcessTable.residentKiB(echo.pid)
            flood.send(sizes: Array(sizes[100_000...]))
            let late = try ProcessTable.residentKiB(echo.pid)
            var expected = RandomFlood.Outcome()
            expected.sent = 1_000_000
            expected.verbatim = 1_000_000
            #expect(flood.outcome == expected, "seed \(seed)")
            #expect(late - early < 1_024, "\(early) KiB, then \(late) KiB")
            try peer.send("still there?", to: address)
            #expect(peer.receive()?.text == "still there?")
            echo.signal(SIGINT)
        }
        #expect(ended.code == 0, "\(ended.all)")
        let counts = "received 1,000,001, returned 1,000,001, could not return 0"
        #expect(ended.errors.contains(counts), "\(ended.all)")
    }

    @Test("H1 the echo that answers one by one returns random datagrams of all sizes as well")
    func h1oneByOne() async throws {
        let seed = UInt64.random(in: 1...UInt64.max)
        let ended = try await Execution.during(
            ["echo", "--port", "0", "--on-reset", "always"], in: TemporaryDirectory()
        ) { echo in
            var flood = try RandomFlood(to: try await echo.address(), seed: seed)
            let sizes = RandomFlood.sizes(count: 70_000, seed: seed)
            flood.send(sizes: sizes)
            #expect(flood.outcome.verbatim == sizes.count, "seed \(seed): \(flood.outcome)")
            echo.signal(SIGINT)
        }
        #expect(ended.errors.contains("received 70,000, returned 70,000"), "\(ended.all)")
    }

    /// In a network namespace with an address besides loopback: asks from there, then from
    /// loopback, and prints what the echo said.
    private func askFromBoth(_ options: String) async throws -> Execution.Ended {
        let script = """
            export PATH="$PATH:/usr/sbin:/sbin"
            ip link set lo up && ip address add 10.9.8.7/32 dev lo || exit 70
            "$0" echo --port 7788 --bind 0.0.0.0 \(options) 2>echo.txt & echo=$!
            until grep -q answering echo.txt; do sleep 0.02; done
            "$0" send 10.9.8.7:7788 from afar --wait 300ms
            "$0" send 127.0.0.1:7788 from near --wait 300ms
            kill -INT $echo
            wait $echo
            cat echo.txt >&2
            """
        return try await Execution.run(
            ["-c", script, Program.path], program: "sh", in: TemporaryDirectory(),
            launcher: ["unshare", "--user", "--map-root-user", "--net"])
    }

    @Test(
        "H4 of two addresses the one in the allow-list is answered; without a list it is loopback",
        .enabled(if: Namespaces.arePossible, Namespaces.reason),
        arguments: [("", "near", "10.9.8.7"), ("--allow 10.9.8.0/24", "afar", "127.0.0.1")])
    func h4twoAddresses(options: String, answered: String, refused: String) async throws {
        let ended = try await askFromBoth(options)
        let answers = ended.output.split(separator: "\n")
        #expect(answers.count == 1, "\(ended.all)")
        #expect(answers.first?.hasSuffix(": from \(answered)") == true, "\(ended.all)")
        #expect(ended.errors.contains("received 2, returned 1"), "\(ended.all)")
        #expect(ended.errors.contains("no answer to 1 (not allowed 1)"), "\(ended.all)")
        #expect(ended.errors.contains("no answer to \(refused):"), "\(ended.all)")
    }

    @Test("H15 a plan whose service is no echo server says so, and its run is invalid")
    func h15noEchoServer() async throws {
        let service = try PlainSocket()
        var plan = PlanText(senders: [PlanText.sender(length: #""duration": "3s""#)])
        plan.network = #"{ "kind": "path", "address": "127.0.0.1:\#(service.port)" }"#
        plan.responder = nil
        plan.thresholds = ["loss.ratio < 1%"]
        let trial = try Trial(plan)
        let ended = try await Execution.during(Trial.arguments, in: trial.directory) { execution in
            while execution.isRunning {
                // What a DNS server says to a question that it does not understand (RFC 1035 §4.1).
                guard let question = service.receive(withinMs: 50) else { continue }
                let answer =
                    Array(question.octets.prefix(2)) + [0x81, 0x81, 0, 0, 0, 0, 0, 0, 0, 0]
                try service.send(answer, to: "127.0.0.1:\(question.port)")
            }
        }
        #expect(ended.code == 75, "\(ended.all)")
        let report = try trial.report()
        #expect(
            report.reasons.first?.contains("is no echo server: none of its") == true,
            "\(ended.all)")
        #expect(report.verdict == "invalid")
        #expect(report.streams[0].integer("rejected.short") ?? 0 > 0)
        #expect(report.streams[0].integer("ledger.received") == 0)
    }
}
