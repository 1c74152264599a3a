import JSON

/// A validated plan, format 1: all values are in range and all references resolved.
package struct Plan: Sendable, Equatable {
    package let name: String
    /// The seed from which every seeded choice of a run is derived.
    package let seed: Int
    package let networks: [NetworkDefinition]
    package let responders: [ResponderDefinition]
    /// The figures in which networks are compared first.
    package let primaryFigures: [String]
    package let scenarios: [ScenarioDefinition]
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

    /// The version of the format that this udplab reads.
    package static let format = 1
}
