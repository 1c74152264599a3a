import Glibc
import Harness
import JSON
import Testing

/// `udplab listen`: a line for each datagram.
@Suite struct ListenTests {
    private func listen(
        _ arguments: String..., body: (String) async throws -> Void
    ) async throws -> Execution.Ended {
        try await Execution.during(
            ["listen", "--port", "0"] + arguments, in: TemporaryDirectory()
        ) { try await body(try await $0.address()) }
    }

    @Test("every datagram is a line with time, source, size and text; --count ends it")
    func lines() async throws {
        let peer = try PlainSocket()
        let ended = try await listen("--count", "3") { address in
            for text in ["hello", "", "a\u{1B}[31m\nb\u{9B}c"] { try peer.send(text, to: address) }
        }
        #expect(ended.code == 0, "\(ended.all)")
        let lines = ended.output.split(separator: "\n")
        try #require(lines.count == 3, "\(ended.all)")
        let first = lines[0].wholeMatch(of: /(\d\d:\d\d:\d\d\.\d{3})  (\S+)  5 B  hello/)
        #expect(first?.output.2 == "127.0.0.1:\(peer.port)", "\(lines[0])")
        #expect(lines[1].hasSuffix("  0 B  (empty)"))
        #expect(lines[2].hasSuffix(#"  a\u{1B}[31m\nb\u{9B}c"#), "\(lines[2])")
        #expect(ended.errors.contains("which only this host reaches"), "\(ended.all)")
        #expect(ended.errors.contains("received 3, dropped by a full buffer 0"))
        #expect(peer.receive(withinMs: 0) == nil, "it answers nobody")
    }

    /// The seconds since midnight of a time that is shown as `14:37:00.123`.
    private func secondOfDay(_ line: some StringProtocol) throws -> Int {
        let form = #/(\d\d):(\d\d):(\d\d)\.\d{3}(Z?)  /#
        let match = try #require(String(line).prefixMatch(of: form)?.output)
        let fields = [match.1, match.2, match.3].compactMap { Int($0) }
        return fields.reduce(0) { $0 * 60 + $1 }
    }

    @Test("times are those of the user's place, and --utc gives UTC")
    func times() async throws {
        let peer = try PlainSocket()
        var seconds: [Int] = []
        let begin = time(nil)
        for utc in [false, true] {
            let ended = try await Execution.during(
                ["listen", "--port", "0", "--count", "1"] + (utc ? ["--utc"] : []),
                // 5 hours and 30 minutes east of Greenwich (tzset(3)).
                in: TemporaryDirectory(), environment: ["TZ": "XYZ-5:30"]
            ) { try peer.send("hello", to: try await $0.address()) }
            #expect(ended.output.contains("Z  ") == utc, "\(ended.all)")
            seconds.append(try secondOfDay(ended.output))
        }
        let took = time(nil) - begin
        // The second one is later by the time between the two, whatever that was.
        let later = (seconds[1] - (seconds[0] - 19_800) + 2 * 86_400) % 86_400
        #expect(later <= took + 1, "\(seconds)")
    }

    @Test("--encoding decodes, shows what it cannot decode, and keeps a terminal harmless")
    func encoding() async throws {
        let peer = try PlainSocket()
        let ended = try await listen("--count", "2", "--encoding", "GBK") { address in
            try peer.send([0xC4, 0xE3, 0xBA, 0xC3], to: address)
            try peer.send([0xC4, 0xE3, 0x1B, 0xFF], to: address)
        }
        #expect(ended.code == 0, "\(ended.all)")
        #expect(ended.output.contains("  4 B  你好\n"), "\(ended.all)")
        #expect(ended.output.contains(#"  4 B  你\u{1B}\xFF"#), "\(ended.all)")
        let json = try await listen("--count", "2", "--encoding", "GBK", "--json") { address in
            try peer.send([0xC4, 0xE3, 0xBA, 0xC3], to: address)
            try peer.send([0xC4, 0xE3, 0xFF], to: address)
        }
        let objects = try json.output.split(separator: "\n").map {
            try JSONValue.parse(Array($0.utf8), limits: .report)
        }
        try #require(objects.count == 2, "\(json.all)")
        #expect(objects[0]["text"]?.string == "你好")
        #expect(objects[0]["time"]?.string?.hasSuffix("Z") == true, "it stays UTC")
        #expect(objects[1]["text"] == .null)
        #expect(objects[1]["hex"]?.string == "C4 E3 FF")
    }

    @Test("an encoding that this host does not have is an error of the command line")
    func unknownEncoding() async throws {
        for verb in [
            ["listen", "--port", "0"], ["chat", "--port", "0"], ["send", "127.0.0.1:9"],
        ] {
            for name in ["klingon", "GBK//IGNORE"] {
                let ended = try await Execution.run(
                    verb + ["--encoding", name], in: TemporaryDirectory())
                #expect(ended.code == 64, "\(ended.all)")
                #expect(ended.errors.contains("`iconv -l` lists"), "\(ended.all)")
            }
        }
    }

    @Test("octets that are no UTF-8 are shown as octets, and --hex shows all so")
    func octets() async throws {
        let peer = try PlainSocket()
        let plain = try await listen("--count", "1") { address in
            try peer.send([0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82], to: address)
        }
        #expect(plain.output.hasSuffix("  6 B  a\\xFF\\xC3(\\xE2\\x82\n"), "\(plain.all)")
        let hex = try await listen("--count", "1", "--hex") { address in
            try peer.send([0x61, 0xff], to: address)
        }
        #expect(hex.output.hasSuffix("  2 B  61 FF\n"), "\(hex.all)")
    }

    @Test("--json is an object a line that no terminal obeys")
    func json() async throws {
        let peer = try PlainSocket()
        let ended = try await listen("--count", "3", "--json") { address in
            try peer.send("a\n\u{1B}b", to: address)
            try peer.send([0xff], to: address)
            try peer.send("\u{9B}31m", to: address)
        }
        #expect(ended.code == 0, "\(ended.all)")
        let objects = try ended.output.split(separator: "\n").map {
            try JSONValue.parse(Array($0.utf8), limits: .report)
        }
        try #require(objects.count == 3)
        #expect(objects[0]["text"]?.string == "a\n\u{1B}b")
        #expect(objects[0]["source"]?.string == "127.0.0.1:\(peer.port)")
        #expect(objects[0]["hex"] == nil)
        #expect(objects[1]["text"] == .null)
        #expect(objects[1]["hex"]?.string == "FF")
        #expect(objects[2]["text"] == .null)
        let controls = ended.output.unicodeScalars.filter {
            $0 != "\n" && $0.properties.generalCategory == .control
        }
        #expect(controls.isEmpty)
    }

    @Test("a full buffer is counted and not called a loss of the network")
    func overflow() async throws {
        let peer = try PlainSocket()
        let ended = try await Execution.during(
            ["listen", "--port", "0"], in: TemporaryDirectory()
        ) { execution in
            let address = try await execution.address()
            try await execution.stop()
            // More than any buffer that it may have been given: 20,000 × 1 KiB.
            for _ in 0..<20_000 {
                try peer.send([UInt8](repeating: 0x61, count: 1_024), to: address)
            }
            execution.goOn()
            // What is left is read in its time; the drops stand fixed.
            #expect(try await execution.prints("1,024 B"))
            execution.signal(SIGINT)
        }
        #expect(ended.code == 0, "\(ended.all)")
        let drops = ended.errors.firstMatch(of: /dropped by a full buffer ([\d,]+)/)?.output.1
        #expect(drops != nil && drops != "0", "\(ended.errors)")
    }

    @Test("a multicast group is joined, and what is sent to it comes")
    func group() async throws {
        let ended = try await Execution.during(
            ["listen", "--port", "0", "--bind", "239.1.1.1", "--interface", "lo", "--count", "1"],
            in: TemporaryDirectory()
        ) { execution in
            #expect(try await execution.says("Ctrl-C ends it"))
            let said = execution.errorsSoFar.firstMatch(of: /listening on 239\.1\.1\.1:(\d+)/)
            let port = try #require(said.flatMap { UInt16($0.output.1) })
            try Self.send("to all", toGroupOn: port)
        }
        #expect(ended.code == 0, "\(ended.all)")
        #expect(ended.output.hasSuffix("  6 B  to all\n"), "\(ended.all)")
    }

    /// A datagram to 239.1.1.1 by way of the loopback interface.
    private static func send(_ text: String, toGroupOn port: UInt16) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var interface = in_addr(s_addr: UInt32(0x7f00_0001).bigEndian)
        setsockopt(descriptor, Int32(IPPROTO_IP), 32, &interface, 4)  // IP_MULTICAST_IF
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0xef01_0101).bigEndian)
        let sent = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(
                    descriptor, text, text.utf8.count, 0, $0,
                    socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        #expect(sent == text.utf8.count, "errno \(errno)")
    }

    @Test("a group is joined on an interface of this host, and answered from by nobody")
    func groupRefused() async throws {
        for (words, sentence) in [
            (["listen", "--port", "0", "--bind", "239.1.1.1", "--interface", "none0"], "none0"),
            (["listen", "--port", "0", "--interface", "lo"], "--interface goes with"),
            (["echo", "--port", "0", "--bind", "239.1.1.1"], "multicast group"),
            (["chat", "--port", "0", "--bind", "[ff02::1]"], "multicast group"),
        ] {
            let ended = try await Execution.run(words, in: TemporaryDirectory())
            #expect(ended.code == 64, "\(ended.all)")
            #expect(ended.errors.contains(sentence), "\(ended.all)")
        }
    }

    @Test("a port in use ends with the reason")
    func taken() async throws {
        let taken = try PlainSocket()
        let ended = try await Execution.run(
            ["listen", "--port", "\(taken.port)"], in: TemporaryDirectory())
        #expect(ended.code == 75, "\(ended.all)")
        #expect(ended.errors.contains("EADDRINUSE"))
    }
}
