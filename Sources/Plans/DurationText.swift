import JSON

/// Durations on a command line, by the same rules as in a plan.
package enum DurationText {
    package static func nanoseconds(_ text: String) throws(JSONComplaint) -> Int {
        try Quantity.duration.steps(text)
    }
}
