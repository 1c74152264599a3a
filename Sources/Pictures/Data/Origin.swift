import Reports

/// The origin of a number on the page: the fields of the report from which it is computed, so that
/// a program can check it against the JSON.
struct Origin: Sendable, Equatable {
    enum Statistic: String, Sendable {
        /// The median over the runs.
        case median
        /// The sum over the runs.
        case sum
        /// The value of the only run.
        case value
    }

    /// The keys from the stream to the number, joined by dots.
    let figure: String
    let statistic: Statistic
    /// The runs and their streams, as places in the report: `3.0` is the first stream of the fourth
    /// run.
    let streams: [String]

    init(_ figure: String, _ statistic: Statistic, _ group: StreamGroup) {
        self.init(figure, statistic, group.members)
    }

    init(_ figure: String, _ statistic: Statistic, _ members: [StreamGroup.Member]) {
        self.figure = figure
        self.statistic = statistic
        streams = members.map { member in
            let place = member.run.streams.firstIndex { $0.sender == member.stream.sender }
            return "\(member.index).\(place ?? 0)"
        }
    }

    var attributes: [Attribute] {
        [
            Attribute("data-figure", figure), Attribute("data-statistic", statistic.rawValue),
            Attribute("data-streams", streams.joined(separator: " ")),
        ]
    }
}

extension Markup {
    /// Returns a number in words of the terminal's tables, with its origin.
    static func number(_ text: String, _ value: Double?, _ origin: Origin) -> Markup {
        guard let value else { return .element("span", [.kind("none")], Markup(text)) }
        return .element(
            "data", [Attribute("value", "\(value)")] + origin.attributes, Markup(text))
    }
}
