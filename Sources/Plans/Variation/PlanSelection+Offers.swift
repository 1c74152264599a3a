import JSON
import Shipped

extension PlanSelection {
    /// The most selections that are offered: nobody reads more of them.
    private static let offersMax = 500

    /// Returns the texts that `--only` takes for a plan: each scenario, and each with a network.
    ///
    /// While a line is typed the plan may have errors, which `run` reports. So its own text is
    /// enough here, and the validated plan is asked only if another file has the scenarios. Names
    /// that no plan may have are left out: a shell would act on some of their characters.
    /// - Parameter path: As `PlanFile.load` takes it.
    package static func offers(in path: String) -> [String] {
        guard path != PlanFile.standardInput, let bytes = bytes(of: path),
            let root = (try? JSONDocument.read(file: path, bytes: bytes))?.root
        else { return [] }
        let own = root["scenarios"]?.elements ?? []
        var offers = own.flatMap { scenario in
            self.offers(
                scenario["name"]?.string, scenario["networks"]?.elements?.map(\.string) ?? [])
        }
        if offers.isEmpty, root["extends"] != nil, let plan = try? PlanFile.load(path) {
            offers = plan.scenarios.flatMap { self.offers($0.name, $0.networks.map(\.name)) }
        }
        return Array(offers.prefix(offersMax))
    }

    private static func offers(_ scenario: String?, _ networks: [String?]) -> [String] {
        guard let scenario, Shape<String>.isName(scenario) else { return [] }
        return [scenario]
            + networks.compactMap { $0 }.filter(Shape<String>.isName).map { "\(scenario)/\($0)" }
    }

    private static func bytes(of path: String) -> [UInt8]? {
        guard let name = ShippedPlan.name(in: path) else {
            return try? PlanFile.file.bytes(of: path)
        }
        return ShippedPlan.named(name).map { Array($0.text.utf8) }
    }
}
