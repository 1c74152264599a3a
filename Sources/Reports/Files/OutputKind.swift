/// The kind of a file that a verb writes: its name in sentences, and the option for its path.
package enum OutputKind: Sendable, Equatable {
    case report
    /// The log of `run --log-datagrams`.
    case datagramLog
    /// The log of `relay --log`.
    case decisionLog
    /// The file of `run --export FORMAT=FILE`.
    case export(format: String)
    /// The file of `report --output`.
    case shownReport
    /// The file of `init`.
    case plan

    package var noun: String {
        switch self {
        case .report: "the report"
        case .datagramLog: "the datagram log"
        case .decisionLog: "the decision log"
        case .export(let format): "the export as \(format)"
        case .shownReport: "the output"
        case .plan: "the plan"
        }
    }

    var option: String {
        switch self {
        case .report: "--report FILE"
        case .datagramLog: "--log-datagrams FILE"
        case .decisionLog: "--log FILE"
        case .export(let format): "--export \(format)=FILE"
        case .shownReport: "--output FILE"
        case .plan: "udplab init FILE"
        }
    }
}
