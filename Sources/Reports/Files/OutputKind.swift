/// The kind of a file that a verb writes: its name in sentences, and the option for its path.
package enum OutputKind: Sendable {
    case report
    /// The log of `run --log-datagrams`.
    case datagramLog
    /// The log of `relay --log`.
    case decisionLog

    package var noun: String {
        switch self {
        case .report: "the report"
        case .datagramLog: "the datagram log"
        case .decisionLog: "the decision log"
        }
    }

    var option: String {
        switch self {
        case .report: "--report FILE"
        case .datagramLog: "--log-datagrams FILE"
        case .decisionLog: "--log FILE"
        }
    }
}
