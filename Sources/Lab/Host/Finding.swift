/// A property of this machine, its consequence for a measurement, and what mends it.
package struct Finding: Encodable, Sendable {
    package enum Level: String, Encodable, Sendable {
        /// No obstacle.
        case ok
        /// Figures are correct, but have to be interpreted with this in mind.
        case note
        /// A figure cannot be measured here, or only within bounds.
        case limit
    }

    /// The name for programs, which stays the same: `receive_buffer`.
    package let id: String
    package let name: String
    /// The value found, in a few words; `unknown` if it could not be read.
    package let value: String
    /// The consequence for a run on this machine, as a sentence.
    package let consequence: String
    package let level: Level
    /// See `Remedy`, whose properties follow here.
    package let mend: String?
    package let mendPersistent: String?
    package let mendPlace: Remedy.Place?
    package let needsRoot: Bool
    package let unmendable: String?

    /// Creates a finding.
    /// - Parameter remedy: What mends it; without effect where nothing is to be mended.
    package init(
        _ level: Level, _ name: String, _ value: String, _ consequence: String,
        _ remedy: Remedy? = nil
    ) {
        id = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
            .joined(separator: "_")
        self.name = name
        self.value = value
        self.consequence = consequence
        self.level = level
        let remedy = level == .ok ? nil : remedy
        mend = remedy?.mend
        mendPersistent = remedy?.mendPersistent
        mendPlace = remedy?.place
        needsRoot = remedy?.needsRoot == true
        unmendable = level == .ok ? nil : remedy.map(\.unmendable) ?? "it could not be examined"
    }
}
