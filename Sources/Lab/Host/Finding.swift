/// A property of this machine and its consequence for a measurement.
package struct Finding: Codable, Sendable, Equatable {
    package enum Level: String, Codable, Sendable, CaseIterable {
        /// No obstacle.
        case ok
        /// Figures are correct, but have to be interpreted with this in mind.
        case note
        /// A figure cannot be measured here, or only within bounds.
        case limit
    }

    package let name: String
    /// The value found, in a few words; `unknown` if it could not be read.
    package let value: String
    /// The consequence for a run on this machine, as a sentence.
    package let consequence: String
    package let level: Level

    package init(_ level: Level, _ name: String, _ value: String, _ consequence: String) {
        self.level = level
        self.name = name
        self.value = value
        self.consequence = consequence
    }
}
