import Glibc
import Harness
import JSON
import Testing

@testable import Plans

@Suite struct CorpusTests {
    @Test func theCorpusIsComplete() {
        #expect(!Corpus.good.isEmpty)
        #expect(Corpus.faults.map(\.file) == Corpus.files("bad"))
        for fault in Corpus.faults {
            let row = fault.row.dropFirst()
            let prefix = row.count == 1 ? "p0\(row)-" : "p\(row)-"
            #expect(fault.file.hasPrefix("bad/\(prefix)"), "\(fault.file) is not of \(fault.row)")
        }
    }

    @Test("P3–P40 one fault makes one problem, at its place", arguments: Corpus.faults)
    func faults(fault: Corpus.Fault) throws {
        let path = "\(Corpus.root)/\(fault.file)"
        do throws(PlanError) {
            _ = try PlanFile.load(path)
            Issue.record("\(fault.file) is accepted")
        } catch {
            guard case .invalid(let problems, more: 0) = error else {
                Issue.record("\(fault.file): \(error)")
                return
            }
            #expect(problems.map(\.place) == [fault.at])
            #expect(problems.map(\.path) == [fault.path])
            #expect(problems.map(\.message).joined().contains(fault.says))
        }
    }

    @Test(arguments: Corpus.good)
    func aLegalPlanIsAccepted(file: String) throws {
        _ = try PlanFile.load("\(Corpus.root)/\(file)")
    }

    @Test func everyPlanThatShipsIsLegal() throws {
        #expect(
            Corpus.shipped == [
                "applications.json", "blackout.json", "both-ways.json", "bufferbloat.json",
                "capacity.json", "chat-room.json",
                "coap-pings.json",
                "dns-lookups.json", "dns-under-load.json", "echo-resilience.json",
                "kill-and-restart.json", "loss-across-networks.json", "marks.json",
                "ntp-clients.json",
                "one-way.json",
                "partial-outage.json", "payload-sizes.json",
                "quickstart.json", "reordering.json",
                "reset-storm.json", "retry-policies.json", "saturation.json",
                "slurm-two-nodes.json",
                "soak.json",
                "stun-binding.json", "syslog-messages.json", "throughput.json", "unix.json",
                "windows-10054.json",
            ])
        for file in Corpus.shipped {
            let plan = try PlanFile.load("\(Corpus.scenarios)/\(file)")
            #expect("\(plan.name).json" == file)
        }
    }

    @Test func theSchemaThatShipsIsTheOneThatIsGenerated() throws {
        let shipped = try Corpus.bytes("\(Corpus.scenarios)/plan.schema.json")
        let isCurrent = shipped == Array(try PlanSchema.json().text(.pretty).utf8)
        // Not the texts: nobody wants to read 40 KB of expressions twice.
        #expect(
            isCurrent,
            "run: udplab schema > Scenarios/plan.schema.json")
    }

    /// The faults that the index calls beyond the schema are exactly those that it accepts.
    @Test(
        .enabled(
            if: Python.hasJSONSchema,
            "python3 has no module jsonschema: the schema is not held against the reader"))
    func theSchemaAcceptsWhatTheReaderAccepts() throws {
        let folder = try TemporaryDirectory()
        let schema = try folder.write("plan.schema.json", PlanSchema.json().text(.pretty))
        let script = "\(Corpus.root)/schema_verdicts.py"
        let lines = try Python.lines(of: "'\(script)' '\(schema)' '\(Corpus.root)'")
        let accepted = lines.filter { $0.hasSuffix(" accepted") }.map { String($0.dropLast(9)) }
        let expected = Corpus.good + Corpus.faults.filter(\.isBeyondSchema).map(\.file)
        #expect(lines.count == Corpus.good.count + Corpus.faults.count)
        #expect(Set(accepted).symmetricDifference(expected).sorted() == [])
    }
}

/// What the tests ask of a Python that may not be there.
enum Python {
    static let hasJSONSchema = (try? lines(of: "-c 'import jsonschema; print(1)'")) == ["1"]

    static func lines(of arguments: String) throws -> [String] {
        let stream = try #require(popen("python3 \(arguments) 2>&1", "r"))
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = fread(&chunk, 1, chunk.count, stream)
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let status = pclose(stream)
        try #require(status == 0, "python3 ended with \(status): \(text)")
        return text.split(separator: "\n").map(String.init)
    }
}
