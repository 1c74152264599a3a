/// The bounds on the size of a JSON text. The strict scan checks all of them before json-c
/// allocates anything for the document.
package struct JSONLimits: Sendable, Equatable {
    /// The maximum size of the whole text in bytes.
    package let documentBytesMax: Int
    /// The maximum size of one decoded string or key in bytes.
    package let stringBytesMax: Int
    /// The maximum number of values, containers included.
    package let valuesMax: Int
    /// The maximum nesting of arrays and objects; the outermost container is at depth 1.
    package let depthMax: Int
    /// The maximum length of a number in bytes. Doubles need 17 digits.
    package let numberBytesMax: Int

    /// The upper bound of `depthMax`, on which recursion over a finished tree relies.
    package static let depthCeiling = 128

    package init(
        documentBytesMax: Int, stringBytesMax: Int, valuesMax: Int, depthMax: Int,
        numberBytesMax: Int = 128
    ) {
        precondition(documentBytesMax < Int(Int32.max), "json-c counts bytes in 32 bits")
        precondition(depthMax <= Self.depthCeiling, "a tree is walked by recursion")
        self.documentBytesMax = documentBytesMax
        self.stringBytesMax = stringBytesMax
        self.valuesMax = valuesMax
        self.depthMax = depthMax
        self.numberBytesMax = numberBytesMax
    }

    /// The limits of a plan, which is written by hand: 1 MiB, 16 levels.
    package static let plan = JSONLimits(
        documentBytesMax: 1 << 20, stringBytesMax: 64 << 10, valuesMax: 50_000, depthMax: 16)
    /// The limits of one line between runner and worker, such as a piece of a message.
    package static let controlLine = JSONLimits(
        documentBytesMax: 256 << 10, stringBytesMax: 256 << 10, valuesMax: 50_000, depthMax: 32)
    /// The limits of one message between runner and worker, its pieces together.
    package static let controlMessage = JSONLimits(
        documentBytesMax: 16 << 20, stringBytesMax: 1 << 20, valuesMax: 4_000_000, depthMax: 32)
    /// The limits of a report that is read back for a comparison. A report is written with 16 MiB
    /// at most; reports of older versions may be larger.
    package static let report = JSONLimits(
        documentBytesMax: 256 << 20, stringBytesMax: 1 << 20, valuesMax: 16_000_000, depthMax: 32)
}
