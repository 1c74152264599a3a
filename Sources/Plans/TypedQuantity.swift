import JSON

/// Quantities on the command line, in the spelling of plans: `500ms`.
package enum TypedQuantity {
    /// The error in a text, with the legal values, as a sentence.
    package struct Fault: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// Returns a duration in nanoseconds; `"0"` is legal if `lower` is `"0s"`.
    /// - Parameters:
    ///   - lower: The smallest legal duration, as typed.
    ///   - upper: The largest legal duration.
    package static func durationNs(
        _ text: String, from lower: String, to upper: String
    ) throws(Fault) -> Int64 {
        if text == "0", lower.hasPrefix("0") { return 0 }
        do throws(JSONComplaint) {
            return Int64(try QuantityRange(.duration, lower, upper).read(text))
        } catch {
            throw Fault(description: error.message)
        }
    }
}
