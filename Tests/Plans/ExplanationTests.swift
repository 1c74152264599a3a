import JSON
import Reports
import Testing

@testable import Plans

/// The explanations: each word of plans and reports has one.
@Suite("Explanations")
struct ExplanationTests {
    private func found(_ word: String) -> [Explanation] {
        guard case .found(let named, let others) = Explanations.of(word) else { return [] }
        return named + others
    }

    @Test("each figure is explained, with its unit and a threshold that the reader takes")
    func figures() throws {
        for figure in FigureCatalog.all {
            let explanation = try #require(found(figure.name).first, "\(figure.name)")
            #expect(explanation.name == figure.name)
            #expect(!explanation.meaning.isEmpty, "\(figure.name)")
            let bound = try #require(explanation.facts.first { $0.name == "threshold" })
            _ = try Threshold(String(bound.text.dropFirst().dropLast()))
            let unit = explanation.facts.first { $0.name == "unit" }?.text
            #expect(unit == figure.unit?.rawValue, "\(figure.name)")
        }
    }

    @Test("each key of the schema and each field of the format is found by its name")
    func everything() {
        for table in PlanTables.allCases {
            for row in table.rows { #expect(!found(row.key).isEmpty, "\(row.key)") }
        }
        for object in ReportFormat.objects {
            for field in object.fields {
                #expect(!found(field.key).isEmpty, "\(object.name).\(field.key)")
            }
        }
    }

    @Test("an account says what it counts, and when it is not known")
    func account() throws {
        let explanation = try #require(found("skipped").first)
        #expect(explanation.name == "ledger.skipped")
        #expect(found("responder_overflow").first?.facts.contains { $0.name == "null if" } == true)
    }

    @Test("an object is explained with its parts, and a unit may be left out")
    func group() throws {
        let rtt = try #require(found("rtt").first)
        #expect(rtt.name == "rtt_ns")
        #expect(rtt.parts.contains("p99"))
        #expect(found("rtt_ns.p99").first?.name == "rtt.p99")
    }

    @Test(
        "words of other tools lead to udplab's",
        arguments: [
            ("latency", "rtt_ns"), ("jitter", "jitter"), ("bandwidth", "rate"),
            ("bitrate", "rate"), ("host", "address"), ("port", "address"), ("size", "payload"),
            ("avg", "rtt.mean"), ("p95", "rtt.p95"), ("latency.avg", "rtt.mean"),
            ("packet_loss", "loss"),
        ])
    func synonyms(word: String, name: String) {
        #expect(found(word).contains { $0.name == name }, "\(found(word).map(\.name))")
    }

    @Test("what udplab does not have is said so, and what is no word at all as well")
    func others() {
        guard case .absent(let sentence) = Explanations.of("Retransmissions") else {
            Issue.record("\(Explanations.of("Retransmissions"))")
            return
        }
        #expect(sentence.contains("sends nothing again"))
        #expect(Explanations.of("rtt.p9") == .unknown(nearest: "rtt.p90"))
        #expect(Explanations.of("colourless") == .unknown(nearest: nil))
        #expect(Explanations.of("") == .unknown(nearest: nil))
    }
}
