import JSON

/// Quantities that a person types on the command line, in the spelling of plans: `500ms`.
package enum TypedQuantity {
    /// What is wrong with it and what is legal, as a sentence.
    package struct Fault: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// A duration in nanoseconds; `"0"` is one too, where `lower` is `"0s"`.
    /// - Parameters:
    ///   - lower: The smallest that is legal, as it is typed.
    ///   - upper: The largest.
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
