import Loops

/// The reason why a battery ends before its last trial.
enum BatteryStop: Error, CustomStringConvertible {
    /// The user interrupted it.
    case interrupted
    /// This host fails calls of the battery, independently of the server.
    case host(HostFault)
    /// The host of the server was lost.
    case lost(HostLoss)

    var description: String {
        switch self {
        case .interrupted: "stopped before its last trial"
        case .host(let fault): "\(fault)"
        case .lost(let loss): loss.sentence
        }
    }
}
