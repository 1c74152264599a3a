import Reports

/// JUnit's XML, which build servers show as tests: a suite per run, and in it a test per threshold
/// or trial and one for the run's verdict; a last suite for the report's verdict.
///
/// `fail` is a failure; each other verdict than pass is an error, because nothing was decided. The
/// document keeps to the schema of Apache Ant's JUnit task, the strictest of those in use: each
/// suite has properties, output and error output, times are decimal, and timestamps have no zone.
struct JUnitExporter: Exporter {
    let name = "junit"
    let summary = "JUnit XML: a test per threshold, per trial and per verdict"
    let takesScoreCards = true

    func text(of documents: [ExportedDocument]) -> String {
        var suites: [TestSuite] = []
        for document in documents {
            let file = documents.count > 1 ? " (\(document.name))" : ""
            let own =
                switch document.content {
                case .report(let report): TestSuite.suites(of: report)
                case .scoreCard(let card): [TestSuite(card)]
                }
            suites += own.map { $0.named($0.name + file) }
        }
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
            + suites.enumerated().map { $1.xml(id: $0) }.joined() + "</testsuites>\n"
    }
}

/// A test of a suite.
struct TestCase {
    enum Outcome: Equatable {
        case passed
        case skipped
        case failure(type: String, message: String)
        case error(type: String, message: String)
    }

    let className: String
    let name: String
    let timeNs: Int
    let outcome: Outcome

    fileprivate var xml: String {
        let head =
            "    <testcase classname=\"\(Escaping.xml(className))\" name=\"\(Escaping.xml(name))\" "
            + "time=\"\(TestSuite.seconds(timeNs))\""
        switch outcome {
        case .passed: return head + "/>\n"
        case .skipped: return head + "><skipped/></testcase>\n"
        case .failure(let type, let message):
            return head + ">" + Self.element("failure", type, message) + "</testcase>\n"
        case .error(let type, let message):
            return head + ">" + Self.element("error", type, message) + "</testcase>\n"
        }
    }

    private static func element(_ element: String, _ type: String, _ message: String) -> String {
        let text = Escaping.xml(message)
        return "<\(element) type=\"\(Escaping.xml(type))\" message=\"\(text)\">\(text)</\(element)>"
    }
}

extension TestCase.Outcome {
    /// The outcome of a verdict: its word is the type, its deciding reason the message.
    init(_ verdict: Verdict, _ reasons: [String]) {
        let message = TestCase.Outcome.joined(reasons)
        switch verdict {
        case .pass: self = .passed
        case .fail: self = .failure(type: verdict.rawValue, message: message)
        default: self = .error(type: verdict.rawValue, message: message)
        }
    }

    /// The maximum number of reasons in a message; the report has all of them.
    private static let reasonsMax = 10

    private static func joined(_ reasons: [String]) -> String {
        let left = reasons.count - reasonsMax
        return reasons.prefix(reasonsMax).joined(separator: "; ")
            + (left > 0 ? "; and \(left) more" : "")
    }
}

/// A suite of tests.
struct TestSuite {
    let group: String
    let name: String
    let started: UTCTime
    let timeNs: Int
    let properties: [(name: String, value: String)]
    let cases: [TestCase]
    let output: [String]
    let errors: [String]

    func named(_ name: String) -> TestSuite {
        TestSuite(
            group: group, name: name, started: started, timeNs: timeNs,
            properties: properties, cases: cases, output: output, errors: errors)
    }

    func xml(id: Int) -> String {
        func count(_ isCounted: (TestCase.Outcome) -> Bool) -> Int {
            cases.count { isCounted($0.outcome) }
        }
        let failures = count { if case .failure = $0 { true } else { false } }
        let errorCount = count { if case .error = $0 { true } else { false } }
        let skipped = count { $0 == .skipped }
        let properties = properties.map {
            "      <property name=\"\(Escaping.xml($0.name))\" value=\"\(Escaping.xml($0.value))\"/>\n"
        }
        return "  <testsuite id=\"\(id)\" package=\"\(Escaping.xml(group))\" "
            + "name=\"\(Escaping.xml(name))\" timestamp=\"\(Self.zoneless(started))\" "
            + "hostname=\"localhost\" tests=\"\(cases.count)\" failures=\"\(failures)\" "
            + "errors=\"\(errorCount)\" skipped=\"\(skipped)\" time=\"\(Self.seconds(timeNs))\">\n"
            + "    <properties>\n\(properties.joined())    </properties>\n"
            + cases.map(\.xml).joined()
            + "    <system-out>\(Self.lines(output))</system-out>\n"
            + "    <system-err>\(Self.lines(errors))</system-err>\n  </testsuite>\n"
    }

    private static func lines(_ lines: [String]) -> String {
        lines.map(Escaping.xml).joined(separator: "\n")
    }

    /// Returns nanoseconds as decimal seconds: `3.012345678`. An exponent would break the schema.
    static func seconds(_ ns: Int) -> String {
        let ns = max(0, ns)
        let fraction = String(ns % 1_000_000_000)
        let zeros = String(repeating: "0", count: 9 - fraction.count)
        return "\(ns / 1_000_000_000).\(zeros)\(fraction)"
    }

    private static func zoneless(_ time: UTCTime) -> String {
        String(time.description.prefix("2025-11-22T14:37:00".count))
    }
}
