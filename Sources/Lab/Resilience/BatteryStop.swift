/// Why a battery ends before its last trial.
enum BatteryStop: Error {
    /// The user asked for it.
    case interrupted
}
