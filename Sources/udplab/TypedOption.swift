import ArgumentParser
import Lab
import Plans

/// Reads what is typed for an option, and names the option where it is wrong.
enum TypedOption {
    /// - Parameters:
    ///   - lower: The shortest that is legal, as it is typed.
    ///   - upper: The longest.
    static func durationNs(
        _ text: String, _ option: String, from lower: String = "0s", to upper: String
    ) throws(ValidationError) -> Int64 {
        do throws(TypedQuantity.Fault) {
            return try TypedQuantity.durationNs(text, from: lower, to: upper)
        } catch {
            throw ValidationError("\(option): \(error)")
        }
    }

    /// Whether the text is a HOST:PORT; what the host is, is asked when it is needed.
    static func checkTarget(_ text: String, _ option: String? = nil) throws(ValidationError) {
        do throws(StartError) {
            try TypedTarget.check(text)
        } catch {
            throw ValidationError("\(option.map { "\($0): " } ?? "")\(error)")
        }
    }
}
