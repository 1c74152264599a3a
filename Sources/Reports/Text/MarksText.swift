/// Sentences on marks that did not arrive as they were sent, and on congestion that was marked.
extension StreamReport {
    package var markSentences: [String] {
        let ways = [("there", forward?.marks), ("back", backward?.marks)]
        return ways.flatMap { way, marks in marks?.sentences(way) ?? [] }
    }
}

extension MarksReport {
    fileprivate func sentences(_ way: String) -> [String] {
        func share(_ count: Int) -> String {
            "for \(UnitText.count(count)) of \(UnitText.count(self.count)) datagrams \(way)"
        }
        var sentences: [String] = []
        if let changed = dscpChanged, changed > 0 {
            let to = dscpChangedTo.map { " to \($0)" } ?? ""
            sentences.append("DSCP changed\(to) \(share(changed))")
        }
        if let bleached = ecnBleached, bleached > 0 {
            sentences.append("ECN bleached \(share(bleached))")
        }
        // What was bleached was changed as well.
        if let changed = ecnChanged.map({ $0 - (ecnBleached ?? 0) }), changed > 0 {
            sentences.append("ECN changed \(share(changed))")
        }
        if ce > 0 { sentences.append("congestion marked (CE) \(share(ce))") }
        return sentences
    }
}
