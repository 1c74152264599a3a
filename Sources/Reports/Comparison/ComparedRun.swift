import JSON

/// What a comparison looks at of one run, from a report in memory or from a file.
package struct ComparedRun: Sendable {
    package let scenario: String
    package let network: String
    package let number: Int
    package let verdict: Verdict
    package let streams: [ComparedStream]

    package init(
        scenario: String, network: String, number: Int, verdict: Verdict,
        streams: [ComparedStream]
    ) {
        self.scenario = scenario
        self.network = network
        self.number = number
        self.verdict = verdict
        self.streams = streams
    }

    package init(_ run: RunReport) {
        self.init(
            scenario: run.scenario, network: run.network, number: run.repeat,
            verdict: run.verdict, streams: run.streams.compactMap(ComparedStream.init))
    }

    /// Whether its figures say something about what was tested. One that this host limited, that
    /// contradicts itself or that was stopped is no slow run: it is none.
    package var isUsable: Bool { verdict == .pass || verdict == .fail }

    func stream(of sender: String) -> ComparedStream? {
        streams.first { $0.sender == sender }
    }
}

/// What a comparison looks at of one stream.
package struct ComparedStream: Sendable {
    package let sender: String
    /// What the stream was asked to do: two that were asked for different things do not compare.
    package let load: Load
    /// All of the stream as in the report.
    private let figures: JSONValue

    package struct Load: Sendable, Equatable {
        package let flows: Int
        package let payloadBytes: Int
        package let timeoutNs: Int
        /// Nil at `"rate": "max"`.
        package let intendedPps: Double?

        package init(flows: Int, payloadBytes: Int, timeoutNs: Int, intendedPps: Double?) {
            self.flows = flows
            self.payloadBytes = payloadBytes
            self.timeoutNs = timeoutNs
            self.intendedPps = intendedPps
        }
    }

    package init(sender: String, load: Load, figures: JSONValue) {
        self.sender = sender
        self.load = load
        self.figures = figures
    }

    /// Nil for a stream that the report cannot hold either (``Report/text()``).
    init?(_ stream: StreamReport) {
        // Hours of them, and none of them is a figure.
        var short = stream
        short.intervals = []
        guard let figures = try? JSONCoding.encode(short) else { return nil }
        self.init(
            sender: stream.sender,
            load: Load(
                flows: stream.flows, payloadBytes: stream.payloadBytes,
                timeoutNs: stream.timeoutNs, intendedPps: stream.pacing.intendedPps),
            figures: figures)
    }

    /// Nil for `null`, and for a key that the report's version did not have.
    package func value(_ path: [String]) -> Double? {
        var value: JSONValue? = figures
        for key in path { value = value?[key] }
        switch value {
        case .integer(let integer)?: return Double(integer)
        case .number(let number)?: return number
        default: return nil
        }
    }
}

extension Sequence where Element: Hashable {
    /// Each once, in the order of the first appearance.
    var inFirstOrder: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
