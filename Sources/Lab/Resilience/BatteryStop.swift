import Workers

/// Why a battery ends before its last trial.
enum BatteryStop: Error, CustomStringConvertible {
    /// The user asked for it.
    case interrupted
    /// This host fails what the battery is made of, which says nothing about the server.
    case host(HostFault)

    var description: String {
        switch self {
        case .interrupted: "stopped before its last trial"
        case .host(let fault): "\(fault)"
        }
    }
}
