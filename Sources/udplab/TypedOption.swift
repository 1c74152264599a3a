import ArgumentParser
import Lab
import Plans

/// Parses the values of options, and names the option in errors.
enum TypedOption {
    /// Parses a duration.
    /// - Parameters:
    ///   - lower: The shortest legal duration, as typed.
    ///   - upper: The longest legal duration.
    static func durationNs(
        _ text: String, _ option: String, from lower: String = "0s", to upper: String
    ) throws(ValidationError) -> Int64 {
        do throws(TypedQuantity.Fault) {
            return try TypedQuantity.durationNs(text, from: lower, to: upper)
        } catch {
            throw ValidationError("\(option): \(error)")
        }
    }

    /// Checks that the text is a HOST:PORT; the host is resolved later.
    static func checkTarget(_ text: String, _ option: String? = nil) throws(ValidationError) {
        do throws(StartError) {
            try TypedTarget.check(text)
        } catch {
            throw ValidationError("\(option.map { "\($0): " } ?? "")\(error)")
        }
    }
}
