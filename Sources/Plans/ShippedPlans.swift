import JSON
import Shipped

/// Reads the plans that are inside the program.
package enum ShippedPlans {
    /// Returns the first sentence of what a plan says about itself; nil if it says nothing.
    package static func about(_ plan: ShippedPlan) -> String? {
        guard let value = try? JSONValue.parse(Array(plan.text.utf8)),
            case .string(let about)? = value["x-about"]
        else { return nil }
        let end = about.firstRange(of: ". ")?.lowerBound
        return end.map { about[..<$0] + "." } ?? about
    }

    /// Returns the bytes of a plan by its name.
    static func bytes(named name: String) throws(PlanError) -> [UInt8] {
        if let plan = ShippedPlan.named(name) { return Array(plan.text.utf8) }
        let mark = "\(ShippedPlan.mark)"
        let near = NearestMatch.of(name, among: ShippedPlan.all.map(\.name))
        let hint = near.map { "; did you mean \"\(mark)\($0)\"?" } ?? ""
        throw .file(
            "\((mark + name).quoted) is no shipped plan\(hint) (udplab list has all; a file with such "
                + "a name is ./\((mark + name).shown))")
    }
}
