/// The judgement of a run, a report, a score card or a comparison: causes and notices.
///
/// The verdict, the exit status and the order of the reasons all follow from the causes, and cannot
/// be set otherwise.
package struct Judgement: Sendable, Equatable {
    /// The causes, the most severe first; of equal ones, the first that was added.
    package private(set) var causes: [Cause]
    /// Sentences that concern the figures and have no influence on the verdict.
    package private(set) var notices: [String]

    package init(causes: [Cause] = [], notices: [String] = []) {
        self.causes = []
        self.notices = notices
        for cause in causes { add(cause) }
    }

    package mutating func add(_ cause: Cause) {
        let place = causes.firstIndex { $0.verdict < cause.verdict } ?? causes.endIndex
        causes.insert(cause, at: place)
    }

    package mutating func add(_ verdict: Verdict, _ sentences: [String]) {
        for sentence in sentences { add(Cause(verdict, sentence)) }
    }

    package mutating func note(_ sentence: String) { notices.append(sentence) }

    /// Adds the judgement of a part under the part's name.
    package mutating func add(_ part: Judgement, named name: String) {
        for cause in part.causes { add(cause.named(name)) }
        notices += part.notices.map { "\(name): \($0)" }
    }

    /// The verdict of the deciding cause; `pass` without any.
    package var verdict: Verdict { causes.first?.verdict ?? .pass }

    /// The sentences of the causes, the deciding one first.
    package var reasons: [String] { causes.map(\.sentence) }

    /// The program's exit status: that of the verdict, except that a fault of udplab itself has a
    /// status of its own. A run stopped by the user always has the status of `aborted`.
    package var exitStatus: ExitStatus {
        let isOwnFault = causes.contains(where: \.isOwnFault)
        return isOwnFault && verdict != .aborted ? .internalFault : verdict.exitStatus
    }
}
