import JSON

/// A legal range of a quantity, ends included, with the name that messages give it.
///
/// The ends are written as in a plan, so that code, message and schema show the same text.
struct QuantityRange: Sendable {
    let quantity: Quantity
    let steps: ClosedRange<Int>
    let lowerText: String
    let upperText: String

    /// Makes a range. Traps if `lower` or `upper` is not such a quantity: ranges are constants of
    /// the program.
    init(_ quantity: Quantity, _ lower: String, _ upper: String) {
        guard let first = try? quantity.steps(lower), let last = try? quantity.steps(upper) else {
            preconditionFailure("\(lower)…\(upper) is no range of \(quantity.name)")
        }
        self.quantity = quantity
        steps = first...last
        lowerText = lower
        upperText = upper
    }

    /// The range for a message: "1ms to 168h".
    var text: String { "\(lowerText) to \(upperText)" }

    /// Returns the steps of `text`, or throws an error with the legal range.
    func read(_ text: String) throws(JSONComplaint) -> Int {
        let value: Int
        do throws(JSONComplaint) {
            value = try quantity.steps(text)
        } catch {
            throw JSONComplaint("\(error.message) (legal: \(self.text))")
        }
        guard steps.contains(value) else {
            throw JSONComplaint("\(text.quoted) is out of range: \(self.text)")
        }
        return value
    }

    /// Returns the message for a plan with the bare number `number`.
    func refusal(ofBareNumber number: String) -> String {
        let readings =
            quantity.readings(of: number)
            ?? "\"\(number)\(quantity.usualSymbol)\", not \(number)"
        return "\(quantity.name) is written with its unit: \(readings) (legal: \(text))"
    }
}
