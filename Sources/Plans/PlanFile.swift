import Reports
import Shipped

/// Reads a plan from a file, or from the program.
package enum PlanFile {
    /// Reads the file once, hashes those bytes, and validates them.
    ///
    /// Whatever the path names, reading neither hangs nor exceeds the maximum size of a plan: the
    /// file is opened without blocking, must be a regular file, and its size is checked first.
    package static func load(_ path: String) throws(PlanError) -> Plan {
        try PlanReader.read(try bytes(of: path), path: path)
    }

    /// Returns the bytes of a plan: a file's, or those of a plan inside the program, which
    /// `:quickstart` names.
    private static func bytes(of path: String) throws(PlanError) -> [UInt8] {
        if let name = ShippedPlan.name(in: path) { return try ShippedPlans.bytes(named: name) }
        return try file.planBytes(of: path)
    }

    /// Returns the bytes of a plan that was run before; nil if the path has other bytes now.
    /// - Parameter sha256: The digest of the bytes that were run.
    package static func bytes(of path: String, sha256: String) -> [UInt8]? {
        guard let bytes = try? file.bytes(of: path), SHA256.hexDigest(of: bytes) == sha256 else {
            return nil
        }
        return bytes
    }

    private static let file = BoundedFile(what: "a plan", bytesMax: PlanLimits.fileBytesMax)
}

extension BoundedFile {
    /// Returns the content of a file that belongs to a plan.
    func planBytes(of path: String) throws(PlanError) -> [UInt8] {
        do throws(Refusal) { return try bytes(of: path) } catch { throw .file(error.sentence) }
    }
}
