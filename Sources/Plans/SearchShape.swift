import JSON
import Load

/// A search as the plan says it, whose sender may still be unnamed.
struct SearchDraft: Sendable {
    let kind: SearchDefinition.Kind
    let sender: String?
    let least: RateText?
    let loss: Int
    let precision: Int
    let confirmNs: Int?
    let trials: Int
    let withinNs: Int
}

/// The keys of a scenario's `search`.
enum SearchShape {
    static let kind = Field.required(
        "kind",
        Shape<SearchDefinition.Kind>.choice(
            ["zero-loss": .zeroLoss, "threshold": .threshold, "rfc9097": .rfc9097]),
        "\"zero-loss\" finds the highest rate without loss (RFC 2544 §26.1), \"threshold\" the "
            + "highest at which the scenario's thresholds hold, \"rfc9097\" the Maximum IP-Layer "
            + "Capacity, by a load that is adjusted while it is sent.")
    static let sender = Field.optional(
        "sender", .name("load"),
        "The sender whose rate is searched, where the scenario has several: the others are a "
            + "load beside it.")
    static let from = Field.optional(
        "from", .rate,
        "The lowest rate that is tried, of each flow, in datagrams or in bits of payload, as the "
            + "sender's \"rate\" is the highest; without it a hundredth of what the first trial delivers. "
            + "With \"rfc9097\" the rate at which the load begins, without it 0.5 Mbit/s.")
    static let loss = Field.optional(
        "loss", .quantity(PlanLimits.searchLoss, example: "0.1%"),
        "The share of the sent datagrams that a trial may lose.", absent: 0,
        written: .string("0%"))
    static let precision = Field.optional(
        "precision", .quantity(PlanLimits.searchPrecision, example: "0.5%"),
        "The width of the answer: by at most this share above the rate found is a rate that does "
            + "not hold.", absent: 5_000_000, written: .string("0.5%"))
    static let confirm = Field.optional(
        "confirm", .quantity(PlanLimits.duration, example: "5s"),
        "The length of the last trial, at the rate found; without it twice the sender's "
            + "\"duration\", which is the length of the others.")
    static let trials = Field.optional(
        "trials", .integer(PlanLimits.searchTrials, example: 24),
        "The largest number of trials; a search that needs more is unfinished.", absent: 24,
        written: .integer(24))
    static let within = Field.optional(
        "within", .quantity(PlanLimits.searchTime, example: "5min"),
        "The time in which the last trial has to begin; a search that needs more is unfinished.",
        absent: 300_000_000_000, written: .string("5min"))

    static let object = ObjectShape(
        name: "a search",
        fields: [
            kind.declaration, sender.declaration, from.declaration, loss.declaration,
            precision.declaration, confirm.declaration, trials.declaration, within.declaration,
        ],
        rules: [
            .neverWhere(
                kind.key, is: "threshold", loss.key,
                why: "a threshold on loss.ratio says how much may be lost")
        ]
            + [loss.key, precision.key, confirm.key, trials.key, within.key].map {
                .neverWhere(kind.key, is: "rfc9097", $0, why: "it is one run, without trials")
            })

    static let shape = Shape<SearchDraft>(schema: object.schema, example: "{…}") {
        node, problems in
        guard let keys = object.values(of: node, problems) else { return nil }
        let values = (keys(kind), keys(sender), keys(from), keys(loss), keys(precision))
        let bounds = (keys(confirm), keys(trials), keys(within))
        guard let kind = values.0, let loss = values.3, let precision = values.4,
            let trials = bounds.1, let within = bounds.2
        else { return nil }
        if values.2 == .max {
            keys.report("the lowest rate is a rate: \"max\" is none", at: from.key)
            return nil
        }
        return SearchDraft(
            kind: kind, sender: values.1, least: values.2, loss: loss, precision: precision,
            confirmNs: bounds.0, trials: trials, withinNs: within)
    }
}

extension SearchDraft {
    /// Returns the search with its sender; nil, and a problem, if there is none that can be
    /// searched.
    func resolved(_ senders: [SenderDefinition], _ keys: ObjectValues) -> SearchDefinition? {
        let node = keys.node["search"] ?? keys.node
        func refuse(_ message: String, at key: String? = nil) {
            keys.problems.add(message, at: key.flatMap { node[$0] } ?? node)
        }
        let names = senders.map(\.name)
        guard let sender = sender ?? (senders.count == 1 ? names.first : nil) else {
            refuse("the scenario has several senders: \"sender\" names one of \(names.quotedList)")
            return nil
        }
        guard let index = names.firstIndex(of: sender) else {
            let hint = NearestMatch.hint(for: sender, among: names)
            refuse(
                "\(sender.quoted) is not the name of a sender of this scenario: known are "
                    + "\(names.quotedList)\(hint)", at: "sender")
            return nil
        }
        let searched = senders[index]
        let isAnswered = searched.kind == .probes && searched.request?.isOneWay != true
        guard isAnswered, let lengthNs = searched.durationNs else {
            refuse(
                isAnswered
                    ? "a trial takes a time: the sender \(sender.quoted) needs a \"duration\" in "
                        + "place of its \"count\""
                    : "the sender \(sender.quoted) awaits no answers, which would tell what is "
                        + "lost")
            return nil
        }
        guard searched.hasOneRate else {
            refuse(
                "the sender \(sender.quoted) changes its rate by its schedule: a search tries one "
                    + "rate after the other")
            return nil
        }
        let least = self.least?.pps(
            of: searched.meanBytes ?? Double(searched.payloadBytes))
        if let least, let most = searched.ratePps, least >= most {
            refuse("the lowest rate is not below the sender's \"rate\", the highest", at: "from")
            return nil
        }
        if kind == .rfc9097, let problem = CapacityRules.obstacle(to: searched) {
            refuse(problem)
            return nil
        }
        if kind == .rfc9097 {
            return SearchDefinition(
                kind: kind, sender: sender, leastPps: least, lossShare: 0, precision: 0,
                confirmNs: lengthNs, trialsMost: 1, withinNs: 0)
        }
        let confirmNs = self.confirmNs ?? min(2 * lengthNs, PlanLimits.duration.steps.upperBound)
        guard confirmNs >= lengthNs else {
            refuse(
                "the last trial is not shorter than the others, which take the sender's "
                    + "\"duration\"", at: "confirm")
            return nil
        }
        return SearchDefinition(
            kind: kind, sender: sender, leastPps: least,
            lossShare: Double(loss) / Quantity.stepsPerRatio,
            precision: Double(precision) / Quantity.stepsPerRatio, confirmNs: confirmNs,
            trialsMost: trials, withinNs: withinNs)
    }
}

extension RateText {
    /// Returns the datagrams per second; nil at `max`.
    fileprivate func pps(of bytes: Double) -> Double? {
        switch self {
        case .max: nil
        case .packets(let pps): pps
        case .bits(let perSecond): Double(perSecond) / (8 * bytes)
        }
    }
}
