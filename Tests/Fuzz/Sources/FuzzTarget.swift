/// One reader of what comes from outside, and what holds for every input.
struct FuzzTarget: Sendable {
    let name: String
    let test: @Sendable ([UInt8], Findings) -> Void

    static let all = [
        FuzzTarget(name: "json", test: JSONTarget.test),
        FuzzTarget(name: "plan", test: PlanTarget.test),
        FuzzTarget(name: "report", test: ReportTarget.test),
        FuzzTarget(name: "relay-file", test: RelayFileTarget.test),
        FuzzTarget(name: "trace", test: TraceTarget.test),
        FuzzTarget(name: "orders", test: ProtocolTarget.testOrders),
        FuzzTarget(name: "replies", test: ProtocolTarget.testReplies),
        FuzzTarget(name: "sender", test: SenderTarget.test),
        FuzzTarget(name: "responder", test: ResponderTarget.test),
        FuzzTarget(name: "relay", test: RelayTarget.test),
        FuzzTarget(name: "questions", test: QuestionTarget.test),
        FuzzTarget(name: "stamp", test: StampTarget.test),
        FuzzTarget(name: "text", test: TextTarget.test),
    ]

    /// Set once, before libFuzzer makes its first call.
    nonisolated(unsafe) static var chosen = all[0]
}

/// What does not hold for one input, in sentences.
final class Findings {
    private(set) var sentences: [String] = []

    func require(
        _ condition: Bool, _ finding: @autoclosure () -> String, file: StaticString = #fileID,
        line: UInt = #line
    ) {
        if !condition { sentences.append("\(file):\(line): \(finding())") }
    }
}
