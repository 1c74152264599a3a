import JSON

/// What the command line of the relay says beside the impairments: read by the same rules as a
/// plan.
package enum RelayText {
    /// How long to relay, in nanoseconds.
    package static func duration(_ text: String) throws(JSONComplaint) -> Int {
        try PlanLimits.duration.read(text)
    }

    /// What may be held, in bytes.
    package static func memory(_ text: String) throws(JSONComplaint) -> Int {
        try PlanLimits.relayMemory.read(text)
    }

    /// Where to: `HOST:PORT`, where the host may be a name.
    package static func target(_ text: String) throws(JSONComplaint) -> TargetAddress {
        try TargetAddress(text, ports: 1...Int(UInt16.max))
    }
}
