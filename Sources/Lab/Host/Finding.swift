/// One thing about this machine and what follows from it for a measurement.
package struct Finding: Codable, Sendable, Equatable {
    package enum Level: String, Codable, Sendable, CaseIterable {
        /// Nothing stands in the way.
        case ok
        /// Figures are right, and have to be read with this in mind.
        case note
        /// Something cannot be measured here, or only within bounds.
        case limit
    }

    package let name: String
    /// What was found, in a few words; `unknown` where it could not be read.
    package let value: String
    /// A sentence: what this means for a run on this machine.
    package let consequence: String
    package let level: Level

    package init(_ level: Level, _ name: String, _ value: String, _ consequence: String) {
        self.level = level
        self.name = name
        self.value = value
        self.consequence = consequence
    }
}
