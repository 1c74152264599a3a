/// Answers many questions of the form "is b better than a?" together. The unit is the run, and an
/// answer may be that there are too few runs.
struct Comparer {
    /// The figure and the sides of one comparison.
    struct Question {
        let scenario: String
        let sender: String
        let figure: ComparedFigure
        let a: Side
        let b: Side
        /// The number of questions of the table in which the same difference would show: b beside
        /// each of the other sides.
        let alike: Int
    }

    /// All runs of a scenario on one side.
    struct Side {
        let name: String
        let runs: [ComparedRun]

        var usable: [ComparedRun] { runs.filter(\.isUsable) }

        func values(_ sender: String, _ path: [String]) -> [Double] {
            usable.compactMap { $0.stream(of: sender)?.value(path) }
        }

        /// A sentence on the runs left out, `2 of 5 runs of wifi are left out: #2 inconclusive, #4
        /// invalid`; nil if there are none.
        var omission: String? {
            let out = runs.filter { !$0.isUsable }
            guard !out.isEmpty else { return nil }
            let namesMax = 4
            let names = out.prefix(namesMax).map { "#\($0.number) \($0.verdict.rawValue)" }
            let more = out.count > namesMax ? " and \(out.count - namesMax) more" : ""
            return "\(out.count) of \(Self.text(runs.count)) of \(name) "
                + "\(out.count == 1 ? "is" : "are") left out: "
                + names.joined(separator: ", ") + more
        }

        static func text(_ runs: Int) -> String { runs == 1 ? "1 run" : "\(runs) runs" }
    }

    /// Returns the questions about every sender and figure for which at least one side has a value.
    static func questions(
        scenario: String, a: Side, b: Side, alike: Int = 1,
        figures: [ComparedFigure] = ComparedFigure.all
    ) -> [Question] {
        let senders = (a.runs + b.runs).flatMap { $0.streams.map(\.sender) }.inFirstOrder
        return senders.flatMap { sender in
            figures.compactMap { figure in
                let question = Question(
                    scenario: scenario, sender: sender, figure: figure, a: a, b: b, alike: alike)
                let isMeasured = [a, b].contains { !$0.values(sender, figure.path).isEmpty }
                return isMeasured ? question : nil
            }
        }
    }

    /// Answers the questions of one table.
    /// - Parameter primary: The names of the primary figures.
    /// - Returns: One answer per question, in their order.
    static func answers(
        _ questions: [Question], primary: [String] = ComparisonRule.primaryFigures
    ) -> [ComparisonReport] {
        let tests = questions.map { question in
            let (a, b) = (question.a, question.b)
            let path = question.figure.path
            return RankSumTest(a.values(question.sender, path), b.values(question.sender, path))
        }
        let arePrimary = questions.map { primary.contains($0.figure.name) }
        let family = Family(
            zip(tests, arePrimary).map { test, isPrimary in
                Family.Test(p: test?.p ?? 1, pLeast: test?.pLeast ?? 1, isPrimary: isPrimary)
            })
        return questions.indices.map { index in
            let judge = ComparisonJudge(
                test: tests[index], pAdjusted: family.adjusted[index],
                isPrimary: arePrimary[index],
                group: arePrimary[index] ? family.primary : family.others)
            return judge.report(questions[index])
        }
    }
}
