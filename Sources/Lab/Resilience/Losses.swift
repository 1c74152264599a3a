import Reports

/// The places where datagrams of a volley were lost, as text.
enum Losses {
    static func text(_ datagrams: TrialDatagrams) -> String {
        var parts: [String] = []
        if let server = datagrams.lostInServerBuffer, server > 0 {
            parts.append("\(Wording.count(server)) in its full receive buffer")
        }
        if let own = datagrams.lostInOwnBuffer, own > 0 {
            parts.append("\(Wording.count(own)) in udplab's own buffer")
        }
        if datagrams.lostElsewhere > 0 {
            let place =
                datagrams.lostInServerBuffer == nil ? "somewhere on the way" : "in no buffer"
            parts.append("\(Wording.count(datagrams.lostElsewhere)) \(place)")
        }
        let lost = datagrams.sent - datagrams.answered
        guard !parts.isEmpty else { return "nothing was lost" }
        return "of \(Wording.count(lost)) lost: \(parts.joined(separator: ", "))"
    }

    static func answered(_ datagrams: TrialDatagrams) -> String {
        "\(Wording.count(datagrams.answered)) of \(Wording.count(datagrams.sent)) were answered"
    }
}
