import Glibc
import Harness
import JSON
import Testing

/// Plans whose senders ask the other reflector for facts (RFC 8972 §4).
extension StampTests {
    private static let all =
        ", \"extensions\": [\"timestamp-information\", \"class-of-service\", \"direct-measurement\"]"
    private static let counted = ", \"extensions\": [\"direct-measurement\"]"

    @Test(
        "all facts of a stateless reflector, with and without a key", arguments: [false, true])
    func facts(isAuthenticated: Bool) async throws {
        let directory = try TemporaryDirectory()
        try Self.keyFile(in: directory)
        let run = try await run(
            reflector: [
                "--extensions", "--drop-forward", "3,60", "--drop-backward", "50,98,99",
                "--bleach", "10,11,12", "--congest", "20", "--counters-from", "4294967290",
            ] + (isAuthenticated ? ["--key", Self.secret] : []),
            path: Self.all + (isAuthenticated ? ", \"key_file\": \"secret.key\"" : ""),
            sender:
                "\"payload\": \"\(isAuthenticated ? 164 : 76)B\", \"dscp\": \"EF\", \"ecn\": \"ect1\"",
            in: directory)
        #expect(run.isWhole, "\(run.ended.all)")
        #expect(run.count("received") == 95)
        #expect(run.count("forward_lost") == 2 && run.count("backward_lost") == 3)
        #expect(run.stamp("stateful")?.isNull == true)
        #expect(run.stamp("loss_split_by") == .string("counters"))
        #expect(run.stream?.integer("stamp.extensions.told") == 95)
        #expect(run.stamp("extensions.sync_source_in") == .string("satellite"))
        #expect(run.stamp("extensions.timestamp_method_in") == .string("hardware"))
        #expect(run.stamp("extensions.timestamp_method_out") == .string("control-plane"))
        func marks(_ key: String) -> Int? { run.stream?.integer("forward.marks.\(key)") }
        #expect(marks("count") == 95 && marks("ect1") == 94 && marks("ce") == 1)
        #expect(marks("dscp_changed") == 3 && marks("dscp_changed_to") == 0)
        #expect(marks("ecn_changed") == 0 && marks("ecn_bleached") == 0)
        // The answers had the codepoint that was asked for.
        #expect(run.stream?.integer("backward.marks.dscp_changed") == 0)
        #expect(run.stream?.at("backward.marks.ecn_changed")?.isNull == true)
        #expect(run.stream?.integer("stamp.extensions.codepoint_refused") == 0)
    }

    @Test("a stateful reflector tells the losses twice, and the same")
    func statefulAndCounting() async throws {
        let run = try await run(
            reflector: [
                "--extensions", "--stateful", "--drop-forward", "3", "--drop-backward", "50",
            ], path: Self.counted, sender: "\"payload\": \"60B\", \"flows\": 3, \"threads\": 2")
        #expect(run.isWhole, "\(run.ended.all)")
        #expect(run.count("forward_lost") == 3 && run.count("backward_lost") == 3)
        #expect(run.stamp("loss_split_by") == .string("both"))
        #expect(run.stream?.integer("stamp.contradictory_flows") == 0)
    }

    @Test("numbers and counters that contradict each other split nothing")
    func contradiction() async throws {
        let run = try await run(
            reflector: [
                "--extensions", "--stateful", "--drop-forward", "3,4", "--count-lost", "4",
            ], path: Self.counted, sender: "\"payload\": \"60B\"")
        #expect(run.isWhole, "\(run.ended.all)")
        #expect(run.count("lost_unsplit") == 2 && run.count("forward_lost") == nil)
        #expect(run.stream?.integer("stamp.contradictory_flows") == 1)
        #expect(
            run.warnings.contains { $0.contains("numbers and its counters") }, "\(run.warnings)")
    }

    @Test("a reflector without RFC 8972 copies the TLVs, which tell nothing")
    func copied() async throws {
        let run = try await run(
            reflector: ["--drop-forward", "3"], path: Self.all,
            sender: "\"payload\": \"100B\"")
        #expect(run.isWhole, "\(run.ended.all)")
        #expect(run.count("received") == 99 && run.count("lost_unsplit") == 1)
        #expect(run.stream?.integer("stamp.extensions.unrecognized") == 99)
        #expect(run.stamp("extensions.sync_source_in")?.isNull == true)
        #expect(run.stream?.at("forward.marks")?.isNull == true)
        #expect(run.warnings.contains { $0.contains("not understood them") }, "\(run.warnings)")
    }

    @Test("a TLV that is not understood tells nothing, and the others do")
    func unknown() async throws {
        let run = try await run(
            reflector: [
                "--extensions", "--unknown", "4", "--drop-forward", "3", "--timestamping",
                "200,2,1,2",
            ], path: Self.all, sender: "\"payload\": \"76B\"")
        #expect(run.isWhole, "\(run.ended.all)")
        #expect(run.stream?.integer("stamp.extensions.unrecognized") == 99)
        #expect(run.stream?.at("forward.marks")?.isNull == true)
        #expect(run.count("forward_lost") == 1)
        #expect(run.stamp("extensions.sync_source_in")?.isNull == true)
        #expect(run.stamp("extensions.sync_source_out") == .string("ntp"))
        #expect(run.warnings.contains { $0.hasSuffix("does not have: 200") }, "\(run.warnings)")
    }

    @Test("an HMAC TLV that does not hold: the answers count, and their TLVs tell nothing")
    func brokenTag() async throws {
        let directory = try TemporaryDirectory()
        try Self.keyFile(in: directory)
        let run = try await run(
            reflector: [
                "--extensions", "--key", Self.secret, "--break-hmac", "--drop-forward", "3",
            ], path: Self.all + ", \"key_file\": \"secret.key\"",
            sender: "\"payload\": \"200B\"", in: directory)
        #expect(run.isWhole, "\(run.ended.all)")
        #expect(run.count("received") == 99 && run.count("lost_unsplit") == 1)
        #expect(run.stream?.integer("stamp.extensions.unauthentic") == 99)
        #expect(run.stream?.at("forward.marks")?.isNull == true)
        #expect(run.warnings.contains { $0.contains("their HMAC does not hold") })
    }

    @Test("a codepoint that the reflector refuses leaves the marks of the way back unsaid")
    func refusedCodepoint() async throws {
        let run = try await run(
            reflector: ["--extensions", "--refuse-codepoint"],
            path: ", \"extensions\": [\"class-of-service\"]", sender: "\"payload\": \"52B\"")
        #expect(run.isWhole, "\(run.ended.all)")
        #expect(run.stream?.integer("stamp.extensions.codepoint_refused") == 100)
        #expect(run.stream?.integer("forward.marks.dscp_changed") == 0)
        #expect(run.stream?.integer("backward.marks.count") == 100)
        #expect(run.stream?.at("backward.marks.dscp_changed")?.isNull == true)
    }

    @Test(
        "beside a warm-up a reflector without identifiers splits nothing, and one with them does",
        arguments: [false, true])
    func warmUp(ignoresIdentifiers: Bool) async throws {
        let lost = (30..<60).map(String.init).joined(separator: ",")
        let run = try await run(
            reflector: ["--stateful", "--drop-forward", lost, "--drop-backward", "70"]
                + (ignoresIdentifiers ? ["--ignore-ssid"] : []),
            rate: "\"rate\": \"200pps\"", warmUp: ", \"warm_up\": \"50ms\"")
        #expect(run.isWhole, "\(run.ended.all)")
        // A busy machine skips slots.
        #expect(run.count("received") == (run.count("sent") ?? 0) - 31)
        #expect(run.stamp("stateful") == .bool(true))
        #expect(run.count("forward_lost") == (ignoresIdentifiers ? nil : 30))
        #expect(run.count("backward_lost") == (ignoresIdentifiers ? nil : 1))
        #expect(
            run.warnings.contains { $0.contains("those of the warm-up") } == ignoresIdentifiers,
            "\(run.warnings)")
    }
}
