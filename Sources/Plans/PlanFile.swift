import JSON
import Reports
import STAMP
import Shipped

/// Reads a plan from a file, or from the program.
package enum PlanFile {
    /// Reads the file once, hashes those bytes, and validates them.
    ///
    /// Whatever the path names, reading neither hangs nor exceeds the maximum size of a plan: the
    /// file is opened without blocking, must be a regular file, and its size is checked first.
    /// - Parameters:
    ///   - path: The path, `:NAME` for a plan inside the program, or `-` for standard input.
    ///   - variation: The changes that the command line makes to the plan.
    package static func load(
        _ path: String, variation: PlanVariation = PlanVariation()
    ) throws(PlanError) -> Plan {
        try PlanReader.read(try bytes(of: path), path: path, variation: variation)
    }

    /// Returns the bytes of a plan: a file's, those of standard input, or those of a plan inside
    /// the program, which `:quickstart` names.
    private static func bytes(of path: String) throws(PlanError) -> [UInt8] {
        if path == standardInput { return try file.standardInputBytes() }
        if let name = ShippedPlan.name(in: path) { return try ShippedPlans.bytes(named: name) }
        return try file.planBytes(of: path, isPlan: true)
    }

    /// The path that means standard input.
    package static let standardInput = "-"

    /// Returns the bytes of a plan that was run before; nil if the path has other bytes now.
    /// - Parameter sha256: The digest of the bytes that were run.
    package static func bytes(of path: String, sha256: String) -> [UInt8]? {
        guard let bytes = try? file.bytes(of: path), SHA256.hexDigest(of: bytes) == sha256 else {
            return nil
        }
        return bytes
    }

    static let file = BoundedFile(what: "a plan", bytesMax: PlanLimits.fileBytesMax)
}

extension BoundedFile {
    /// Returns the content of a plan, or of a file that belongs to one.
    func planBytes(of path: String, isPlan: Bool = false) throws(PlanError) -> [UInt8] {
        do throws(Refusal) {
            return try bytes(of: path)
        } catch {
            throw .file(error.sentence + (isPlan ? PlanName.hint(path) ?? "" : ""))
        }
    }

    /// Returns the content of standard input.
    fileprivate func standardInputBytes() throws(PlanError) -> [UInt8] {
        do throws(Refusal) {
            return try bytesOfStandardInput(named: JSONSource.standardInputName)
        } catch {
            throw .file(error.sentence)
        }
    }
}
