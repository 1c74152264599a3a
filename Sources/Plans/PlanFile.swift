/// Reading a plan from a file.
package enum PlanFile {
    /// Reads the file once, hashes those bytes, and validates them.
    ///
    /// Whatever the path names, this neither hangs nor reads more than a plan may have: the file
    /// is opened without blocking, has to be a regular one, and its size is looked at first.
    package static func load(_ path: String) throws(PlanError) -> Plan {
        let file = BoundedFile(what: "a plan", bytesMax: PlanLimits.fileBytesMax)
        return try PlanReader.read(try file.bytes(of: path), path: path)
    }
}
