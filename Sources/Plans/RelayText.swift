import JSON

/// The relay's options on the command line besides the impairments, read by the rules of a plan.
package enum RelayText {
    /// Parses the duration of the relay in nanoseconds.
    package static func duration(_ text: String) throws(JSONComplaint) -> Int {
        try PlanLimits.duration.read(text)
    }

    /// Parses the memory limit in bytes.
    package static func memory(_ text: String) throws(JSONComplaint) -> Int {
        try PlanLimits.relayMemory.read(text)
    }

    /// Parses the target `HOST:PORT`, where the host may be a name.
    package static func target(_ text: String) throws(JSONComplaint) -> TargetAddress {
        try TargetAddress(text, ports: 1...Int(UInt16.max))
    }
}
