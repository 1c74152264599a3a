/// The changes to a plan that came from elsewhere than its file.
package struct PlanVariationReport: Codable, Sendable, Equatable {
    /// The options of the command line as typed, without those of variables.
    package var options: [String]
    package var variables: [PlanVariableReport]
    /// The files that the plan extends, the nearest first.
    package var bases: [PlanBaseReport]

    package init(
        options: [String] = [], variables: [PlanVariableReport] = [], bases: [PlanBaseReport] = []
    ) {
        self.options = options
        self.variables = variables
        self.bases = bases
    }
}

/// The value of a variable that the plan has in its strings.
package struct PlanVariableReport: Codable, Sendable, Equatable {
    package enum Origin: String, Codable, Sendable, CaseIterable {
        case typed = "var"
        case environment = "env"
        /// An option whose value nothing shows.
        case secret
        /// The default that the plan has beside the name.
        case fallback = "default"
    }

    package var name: String
    /// The value; nil for a secret.
    package var value: String?
    package var origin: Origin

    package init(name: String, value: String?, origin: Origin) {
        self.name = name
        self.value = value
        self.origin = origin
    }
}

/// A file that the plan extends.
package struct PlanBaseReport: Codable, Sendable, Equatable {
    package var path: String
    package var sha256: String

    package init(path: String, sha256: String) {
        self.path = path
        self.sha256 = sha256
    }
}

extension PlanReport {
    /// The options as a text, such as ` with --repeat 5`; empty without options.
    package var variedText: String {
        let options = variation?.options ?? []
        return options.isEmpty ? "" : " with " + options.joined(separator: " ")
    }
}
