import Harness
import JSON
import Testing

/// `udplab doctor`: the document for programs, and the text.
@Suite struct DoctorVerbTests {
    /// Another program's reading of the documented form: Python's.
    private static let script = """
        import json, re, sys
        document = json.load(sys.stdin)
        assert list(document) == ["format", "facts", "findings"], list(document)
        assert document["format"] == 1
        keys = ["id", "name", "value", "consequence", "level", "mend", "mend_persistent",
                "mend_place", "needs_root", "unmendable"]
        ids = [finding["id"] for finding in document["findings"]]
        assert len(ids) == len(set(ids)) and "receive_buffer" in ids, ids
        for finding in document["findings"]:
            assert list(finding) == keys, finding
            assert re.fullmatch("[a-z0-9_]+", finding["id"]), finding
            assert finding["level"] in ["ok", "note", "limit"], finding
            assert finding["consequence"].endswith("."), finding
            has = finding["mend"] is not None
            assert (finding["level"] == "ok") == (not has and finding["unmendable"] is None)
            assert not (has and finding["unmendable"] is not None), finding
            assert finding["mend_place"] in (["here", "container", "host"] if has else [None])
            assert isinstance(finding["needs_root"], bool), finding
        print(len(ids))
        """

    @Test(
        "--json is the documented object",
        .enabled(if: Program.tool("python3") != nil, "python3 is not installed"))
    func json() async throws {
        let directory = try TemporaryDirectory()
        let doctor = try await Execution.run(["doctor", "--json"], in: directory)
        #expect(doctor.code == 0, "\(doctor.all)")
        #expect(doctor.errors == "")
        try directory.write("doctor.json", doctor.output)
        let judged = try await Execution.run(
            ["-c", Self.script], program: "python3", in: directory, redirect: "<doctor.json")
        #expect(judged.code == 0, "\(judged.all)\(doctor.output)")
    }

    @Test("a limit of this process comes with its command, in text and JSON")
    func limit() async throws {
        // Lowering the soft limit alone needs no privilege, and leaves the hard one.
        let command = "ulimit -S -n 200; exec \(Program.path) doctor"
        for json in [false, true] {
            let ended = try await Execution.run(
                ["-c", command + (json ? " --json" : "")], program: "sh", in: TemporaryDirectory())
            #expect(ended.code == 0, "\(ended.all)")
            if json {
                let document = try JSONValue.parse(Array(ended.output.utf8), limits: .report)
                let finding = (document["findings"]?.array ?? []).first {
                    $0["id"]?.string == "open_files"
                }
                #expect(finding?["mend"]?.string == "ulimit -n 4096", "\(ended.all)")
                #expect(finding?["needs_root"] == JSONValue.bool(false))
            } else {
                let words = /To mend it:\n +ulimit -n 4096\n/
                #expect(ended.output.contains(words), "\(ended.all)")
            }
        }
    }

    @Test("the command of a limit mends it")
    func mended() async throws {
        func finding(_ commands: String) async throws -> JSONValue? {
            let ended = try await Execution.run(
                ["-c", "\(commands)\nexec \(Program.path) doctor --json"], program: "sh",
                in: TemporaryDirectory())
            let document = try JSONValue.parse(Array(ended.output.utf8), limits: .report)
            return (document["findings"]?.array ?? []).first { $0["id"]?.string == "open_files" }
        }
        let limited = "ulimit -S -n 200"
        let before = try #require(try await finding(limited))
        #expect(before["level"]?.string == "limit")
        let mend = try #require(before["mend"]?.string)
        let after = try #require(try await finding("\(limited)\n\(mend)"))
        #expect(after["level"]?.string == "ok")
        #expect(after["mend"] == .null)
    }
}
