import JSON

/// A run of a comparison, from a report in memory or from a file.
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
            verdict: run.verdict,
            streams: run.streams.compactMap {
                ComparedStream($0, responder: run.responder?.behaviour)
            })
    }

    /// Whether the run's figures describe the service under test. A run that this host limited,
    /// that contradicts itself or that was stopped does not count as a slow run: it is left out.
    package var isUsable: Bool { verdict == .pass || verdict == .fail }

    func stream(of sender: String) -> ComparedStream? {
        streams.first { $0.sender == sender }
    }
}

/// A stream of a comparison.
package struct ComparedStream: Sendable {
    package let sender: String
    /// The load of the stream: streams with different loads are not compared.
    package let load: Load
    /// The whole stream as in the report.
    private let figures: JSONValue

    package struct Load: Sendable, Equatable {
        package let flows: Int
        package let payloadBytes: Int
        package let timeoutNs: Int
        /// The intended rate; nil at `"rate": "max"`.
        package let intendedPps: Double?
        /// The behaviour of udplab's responder; nil for a program of the user's, or a path.
        package let responder: String?
        /// The figures that show other keys of a plan, by the key; a key of which an earlier
        /// version's report shows nothing is not there.
        package let shown: [String: JSONValue]

        package init(
            flows: Int, payloadBytes: Int, timeoutNs: Int, intendedPps: Double?,
            responder: String? = nil, shown: [String: JSONValue] = [:]
        ) {
            self.flows = flows
            self.payloadBytes = payloadBytes
            self.timeoutNs = timeoutNs
            self.intendedPps = intendedPps
            self.responder = responder
            self.shown = shown
        }

        /// The kind of the responder for a message.
        var responderText: String { responder.map(TerminalText.harmless) ?? "of another program" }
    }

    package init(sender: String, load: Load, figures: JSONValue) {
        self.sender = sender
        self.load = load
        self.figures = figures
    }

    /// Makes a stream; nil if the report cannot hold it either (``Report/text()``).
    init?(_ stream: StreamReport, responder: String?) {
        // The lists may be long, and none of their values is a compared figure.
        var short = stream
        short.intervals = []
        short.lossMap = nil
        guard let figures = try? JSONCoding.encode(short) else { return nil }
        self.init(
            sender: stream.sender,
            load: Load(
                flows: stream.flows, payloadBytes: stream.payloadBytes,
                timeoutNs: stream.timeoutNs, intendedPps: stream.pacing.intendedPps,
                responder: responder),
            figures: figures)
    }

    /// Returns a figure; nil for `null`, and for a key that the report's version did not have.
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
    /// The elements without repeats, in the order of their first appearance.
    package var inFirstOrder: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
