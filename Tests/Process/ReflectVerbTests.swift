import Datagrams
import Glibc
import Harness
import JSON
import Testing

@testable import STAMP

/// `udplab reflect` against a Session-Sender written from the RFCs alone, and against packets that
/// no sender sends.
@Suite(.enabled(if: Program.python != nil, "python3 is not installed"))
struct ReflectVerbTests {
    private static let secret = "a shared secret of this test"

    private func reflect(
        _ arguments: String..., in directory: TemporaryDirectory? = nil,
        body: (Execution, String) async throws -> Void
    ) async throws -> Execution.Ended {
        let directory = try directory ?? TemporaryDirectory()
        let isElsewhere = arguments.contains("--port")
        return try await Execution.during(
            ["reflect"] + (isElsewhere ? [] : ["--port", "0"]) + arguments, in: directory
        ) { execution in
            try await body(execution, try await execution.address())
            if execution.isRunning { execution.signal(SIGINT) }
        }
    }

    private static func send(_ address: String, _ arguments: String...) async throws -> Answers {
        try await send(address, arguments)
    }

    private static func send(_ address: String, _ arguments: [String]) async throws -> Answers {
        let ended = try await Execution.run(
            [Program.root + "/Tests/Peers/Programs/stamp.py", "send", address] + arguments,
            program: try #require(Program.python), in: TemporaryDirectory())
        let json = try JSONValue.parse(Array(ended.output.utf8), limits: .report)
        return Answers(json: json, all: ended.all)
    }

    private struct Answers {
        let json: JSONValue
        let all: String
        var list: [JSONValue] { json["answers"]?.array ?? [] }

        /// The values of a key, each once, in order.
        func values(_ key: String) -> [Int] {
            let values = list.compactMap { answer -> Int? in
                if case .integer(let value)? = answer[key] { value } else { nil }
            }
            return Set(values).sorted()
        }
    }

    private static func keyFile(in directory: TemporaryDirectory) throws -> String {
        let path = try directory.write("secret.key", secret + "\n")
        chmod(path, 0o600)
        return path
    }

    @Test("a stateless reflector answers each packet with its number and plausible times")
    func stateless() async throws {
        let ended = try await reflect { _, address in
            let answers = try await Self.send(address, "--ssid", "4660")
            #expect(answers.list.count == 10, "\(answers.all)")
            #expect(answers.values("reflector_sequence") == Array(0..<10))
            #expect(answers.values("ssid") == [4_660])
            #expect(answers.values("bytes") == [44])
            #expect(answers.values("ttl") == [64])
            #expect(answers.json["rejected"] == .integer(0))
            // One host, one clock: no time is negative.
            for key in ["forward_ns", "turn_ns", "backward_ns"] {
                #expect(answers.values(key).allSatisfy { $0 >= 0 }, "\(key): \(answers.all)")
            }
            let sizes = try await Self.send(address, "--bytes", "41")
            #expect(sizes.values("bytes") == [44], "\(sizes.all)")
        }
        #expect(ended.code == 0, "\(ended.all)")
        #expect(
            ended.errors.contains("received 20, reflected 20, could not reflect 0, too short 0"),
            "\(ended.all)")
    }

    @Test("--format ptp says so in each answer, and the times are the same ones")
    func ptp() async throws {
        _ = try await reflect("--format", "ptp") { _, address in
            for flags in [[], ["--ptp"]] {
                let answers = try await Self.send(address, flags)
                #expect(answers.list.count == 10, "\(answers.all)")
                for answer in answers.list {
                    let estimate = try #require(answer["estimate"]?.string)
                    #expect("4567cdef".contains(estimate.prefix(1)))
                }
                #expect(answers.values("forward_ns").allSatisfy { $0 >= 0 })
                #expect(answers.values("backward_ns").allSatisfy { $0 >= 0 })
            }
        }
    }

    @Test("a stateful reflector numbers the answers of each session from 0")
    func stateful() async throws {
        let ended = try await reflect("--stateful") { _, address in
            for ssid in ["1", "2"] {
                let answers = try await Self.send(
                    address, "--ssid", ssid, "--count", "5", "--tlv", "5:000000090000000000000000")
                #expect(answers.values("reflector_sequence") == [0, 1, 2, 3, 4], "\(answers.all)")
                let last = answers.list.last?["tlvs"]?.array.first?.array
                #expect(last?[0] == .integer(0), "direct measurement is understood")
                #expect(last?[2] == .string("000000090000000500000005"))
            }
        }
        #expect(
            ended.errors.contains("sessions without a place 0, sessions forgotten for others 0"),
            "\(ended.all)")
    }

    @Test("--key: packets of the key are answered with a good HMAC, all others are only counted")
    func authenticated() async throws {
        let directory = try TemporaryDirectory()
        let key = try Self.keyFile(in: directory)
        let ended = try await reflect("--key", key, in: directory) { _, address in
            let answers = try await Self.send(
                address, "--key", Self.secret, "--tlv", "3:00000000", "--tlv", "77:0102")
            #expect(answers.list.count == 10, "\(answers.all)")
            for answer in answers.list {
                #expect(answer["tlvs_hold"] == .bool(true), "\(answers.all)")
                let flags = (answer["tlvs"]?.array ?? []).map { $0.array.first }
                #expect(flags == [.integer(0), .integer(0x80), .integer(0)], "\(answers.all)")
            }
            for wrong in [["--key", "another"], []] {
                let none = try await Self.send(address, wrong + ["--wait", "0.2"])
                #expect(none.list == [], "\(none.all)")
            }
        }
        #expect(
            ended.errors.contains(
                "received 30, reflected 10, could not reflect 0, too short 10, wrong HMAC 10"),
            "\(ended.all)")
        #expect(!ended.all.contains(Self.secret))
    }

    @Test("a class of service that is asked for is that of the answer, and of no other answer")
    func classOfService() async throws {
        _ = try await reflect { _, address in
            // DSCP 46 asked; the packets come with DSCP 10 and ECN 1.
            let asked = try await Self.send(
                address, "--tos", "41", "--tlv", "4:b8000000", "--count", "3")
            #expect(asked.values("tos") == [46 << 2], "\(asked.all)")
            #expect(asked.list.first?["tlvs"]?.array.first?.array[2] == .string("b8a40000"))
            let plain = try await Self.send(address, "--count", "3")
            #expect(plain.values("tos") == [3 << 2], "the mark of answers: \(plain.all)")
        }
    }

    @Test(
        "H5 two reflectors with a forged packet between them fall silent",
        .enabled(if: Program.isRoot, "needs root, to forge a source address"))
    func answersAreNotAnswered() async throws {
        let base = [UInt8](repeating: 0, count: 44)
        // Asks for a class of service, and so for an answer without the mark of answers.
        let asking = base + [0x80, 4, 0, 4, 46 << 2, 0, 0, 0]
        var received: [Int] = []
        let first = try await reflect("--stateful") { _, one in
            let second = try await reflect { _, other in
                let (one, other) = (
                    try #require(SocketAddress(numeric: one)),
                    try #require(SocketAddress(numeric: other))
                )
                try ForgedDatagram.send(base, from: other, to: one)
                try ForgedDatagram.send(asking, from: other, to: one)
                try await nap(.milliseconds(300))
            }
            received.append(try Self.received(second))
        }
        received.append(try Self.received(first))
        // Two forged packets, the answer to each, and the one to the answer without the mark.
        #expect(received == [2, 3], "\(first.all)")
    }

    private static func received(_ ended: Execution.Ended) throws -> Int {
        let match = try #require(ended.errors.firstMatch(of: /received (\d+)/), "\(ended.all)")
        return try #require(Int(match.1))
    }

    @Test("H1 noise of all sizes is answered with its own length, or not at all, and counted")
    func noise() async throws {
        var generator = SeededGenerator(seed: 8762)
        var sent = 0
        let ended = try await reflect { _, address in
            let peer = try PlainSocket()
            for length in Array(0...300) + [1_472, 9_000, 65_507] {
                let octets = (0..<length).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
                try peer.send(octets, to: address)
                sent += 1
                guard length >= 41 else { continue }
                #expect(peer.receive()?.octets.count == max(44, length), "\(length)")
            }
            // Still at work.
            try peer.send([UInt8](repeating: 0, count: 44), to: address)
            sent += 1
            #expect(peer.receive()?.octets.count == 44)
        }
        #expect(ended.code == 0, "\(ended.all)")
        #expect(
            ended.errors.contains(
                "received \(sent), reflected \(sent - 41), could not reflect 0, too short 41"),
            "\(ended.all)")
    }

    @Test("H8 a flood of sources takes all places of sessions, and no memory")
    func flood() async throws {
        let packet = [UInt8](repeating: 0, count: 44)
        let ended = try await reflect("--stateful") { execution, address in
            let port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
            let peer = try PlainSocket()
            func ask() throws -> [UInt8]? {
                try peer.send(packet, to: address)
                return peer.receive()?.octets
            }
            #expect(try ask()?.prefix(4) == [0, 0, 0, 0])
            try UDPClient.flood(to: port, sources: 0..<5_000, octets: packet)
            let early = try ProcessTable.residentKiB(execution.pid)
            try UDPClient.flood(to: port, sources: 5_000..<50_000, octets: packet)
            #expect(try ask()?.prefix(4) == [0, 0, 0, 1], "a running session keeps its count")
            let late = try ProcessTable.residentKiB(execution.pid)
            #expect(late - early < 1_024, "\(early) KiB, then \(late) KiB")
        }
        #expect(ended.code == 0, "\(ended.all)")
        #expect(
            ended.errors.firstMatch(of: /sessions without a place [1-9]/) != nil, "\(ended.all)")
    }

    @Test("a source outside of --allow, or below port 1024, is not answered")
    func allow() async throws {
        let ended = try await reflect("--bind", "127.0.0.1", "--allow", "127.0.0.2/32") {
            execution, address in
            let (stranger, friend) = (try PlainSocket(), try PlainSocket(host: "127.0.0.2"))
            let packet = [UInt8](repeating: 0, count: 44)
            try stranger.send(packet, to: address)
            #expect(try await execution.says("it is not in the allow-list"))
            try friend.send(packet, to: address)
            #expect(friend.receive() != nil)
            #expect(stranger.receive(withinMs: 0) == nil)
        }
        #expect(ended.errors.contains("no answer to 1 (not allowed 1)"), "\(ended.all)")
    }

    @Test(
        "a key that others can read is refused with the command that mends it",
        arguments: [0o640, 0o604, 0o660, 0o620, 0o644, 0o601] as [mode_t])
    func readableKey(mode: mode_t) async throws {
        let directory = try TemporaryDirectory()
        let path = try Self.keyFile(in: directory)
        chmod(path, mode)
        let ended = try await Execution.run(
            ["reflect", "--port", "0", "--key", path], in: directory)
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.contains("\(path): others have rights to it"), "\(ended.all)")
        #expect(ended.errors.contains("chmod 600"), "\(ended.all)")
        #expect(!ended.all.contains(Self.secret))
    }

    @Test("what is no key is refused, whatever the path names")
    func noKey() async throws {
        let directory = try TemporaryDirectory()
        mkfifo(directory.file("fifo"), 0o600)
        for (name, text) in [("empty", "\n"), ("odd", "hex:123"), ("long", "")] {
            let content = name == "long" ? String(repeating: "k", count: 3_000) : text
            chmod(try directory.write(name, content), 0o600)
        }
        for (name, words) in [
            ("empty", "holds no key"), ("odd", "hexadecimal"), ("long", "more than"),
            ("fifo", "no regular file"), (".", "no regular file"), ("absent", "cannot be read"),
        ] {
            let ended = try await Execution.run(
                ["reflect", "--port", "0", "--key", directory.file(name)], in: directory)
            #expect(ended.code == 75, "\(name): \(ended.all)")
            #expect(ended.errors.contains(words), "\(name): \(ended.all)")
        }
    }
}
