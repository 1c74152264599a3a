import Impairment
import JSON
import Reports

/// A file of the relay verb: impairments with the keys of an emulated network, and the seed.
///
/// ```json
/// { "seed": 3, "delay": "20ms", "forward": { "loss": "1%" }, "backward": { "loss": "0.5%" } }
/// ```
package struct RelayFile: Sendable, Equatable {
    package let impairments: Impairments
    package let seed: Int?
    /// The file's values per direction, which flags override.
    let draft: DirectionsDraft
    /// The files of delays that were read with the file.
    package let filesRead: [String]

    /// Reads a file.
    /// - Throws: All problems in the file, as for a plan.
    package static func load(_ path: String) throws(PlanError) -> RelayFile {
        let file = BoundedFile(what: "a file of the relay", bytesMax: PlanLimits.fileBytesMax)
        return try read(try file.planBytes(of: path), path: path)
    }

    static func read(_ bytes: [UInt8], path: String) throws(PlanError) -> RelayFile {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument.read(file: path, bytes: bytes)
        } catch {
            throw .invalid(problems: [error.problem(file: path)], more: 0)
        }
        let problems = JSONProblems(file: path, countMax: PlanLimits.problemsMax)
        let values = Self.object.values(of: document.root, problems)
        let draft = values.map(DirectionShape.draft)
        let seed = values.flatMap { $0(Self.seed) }
        guard problems.isEmpty, let draft else {
            throw PlanError(problems)
        }
        return RelayFile(
            impairments: draft.impairments, seed: seed, draft: draft,
            filesRead: problems.filesRead)
    }

    private static let seed = Field.optional(
        "seed", .integer(PlanLimits.seed, example: 3),
        "What every seeded choice is derived from.")
    private static let object = ObjectShape(
        name: "a file of the relay", fields: [seed.declaration] + DirectionShape.both,
        rules: DirectionShape.rules)
}
