import JSON
import Reports
import STAMP

/// A validated plan, format 1: all values are in range and all references resolved.
package struct Plan: Sendable, Equatable {
    package let name: String
    /// The seed from which every seeded choice of a run is derived.
    package let seed: Int
    package let hosts: [HostDefinition]
    package let networks: [NetworkDefinition]
    package let responders: [ResponderDefinition]
    /// The figures in which networks are compared first.
    package let primaryFigures: [String]
    package private(set) var scenarios: [ScenarioDefinition]
    /// The free `x-…` keys of all objects, in the order of the objects' keys, for the report. A
    /// key is the path of its object and the key as the plan has it: `x-ticket`,
    /// `scenarios[0].x-note`.
    package let extras: [JSONMember]
    /// The SHA-256 of the bytes read: 64 lower-case hexadecimal digits.
    package let sha256: String
    /// The path from which the plan was read, as it was given.
    package let path: String
    /// The files of delays that were read with the plan.
    package let filesRead: [String]
    /// The plan that runs: its bases, its variables and the options of the command line are in it.
    package let effective: EffectivePlan
    package let variation: PlanVariationReport
    /// The titles of the plan and its parts.
    package let titles: [PlanTitleReport]
    /// The secrets in the plan, which no output may show.
    package let hidden: HiddenTexts

    /// The version of the format that this udplab reads.
    package static let format = 1
}

extension Plan {
    /// Returns the plan with only those of its scenarios that search.
    /// - Throws: If none does.
    package func onlySearches() throws(PlanError) -> Plan {
        var plan = self
        plan.scenarios.removeAll { $0.search == nil }
        guard plan.scenarios.isEmpty else { return plan }
        let problem = JSONProblem(
            file: path, line: nil, column: nil, path: "$.scenarios",
            message: "no scenario has a \"search\", such as { \"kind\": \"zero-loss\" }")
        throw .invalid(problems: [problem], more: 0)
    }

    /// The texts that people are shown in place of names.
    package var shownTitles: ShownTitles {
        ShownTitles(titles, names: scenarios.map(\.name) + networks.map(\.name))
    }
}

/// A plan as it runs, as JSON that is a plan itself. Secrets are in it as `${NAME}`.
package struct EffectivePlan: Sendable, Equatable {
    package let value: JSONValue
    /// The text that `udplab check --print` prints, with a line feed at the end.
    package let text: String
    /// The SHA-256 of the text.
    package let sha256: String

    init(_ value: JSONValue) throws(JSONError) {
        self.value = value
        text = try value.text(.pretty)
        sha256 = SHA256.hexDigest(of: Array(text.utf8))
    }
}
