/// Reads a plan from a file.
package enum PlanFile {
    /// Reads the file once, hashes those bytes, and validates them.
    ///
    /// Whatever the path names, reading neither hangs nor exceeds the maximum size of a plan: the
    /// file is opened without blocking, must be a regular file, and its size is checked first.
    package static func load(_ path: String) throws(PlanError) -> Plan {
        let file = BoundedFile(what: "a plan", bytesMax: PlanLimits.fileBytesMax)
        return try PlanReader.read(try file.bytes(of: path), path: path)
    }
}
