/// The bounds within which a text is read at all. Every one is checked by the strict scan,
/// before json-c allocates anything for the document.
package struct JSONLimits: Sendable, Equatable {
    /// Bytes of the whole text.
    package let documentBytesMax: Int
    /// Bytes of one decoded string or key.
    package let stringBytesMax: Int
    /// Values of all kinds, containers included.
    package let valuesMax: Int
    /// Nested arrays and objects; the outermost container is at depth 1.
    package let depthMax: Int
    /// Characters of one number. Doubles need 17 digits; nothing useful needs more than this.
    package let numberBytesMax: Int

    /// What recursion over a finished tree may rely on, whatever limits a caller makes up.
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

    /// A plan is written by hand: 1 MiB, 16 levels.
    package static let plan = JSONLimits(
        documentBytesMax: 1 << 20, stringBytesMax: 64 << 10, valuesMax: 50_000, depthMax: 16)
    /// One line between runner and worker, such as a piece of a message.
    package static let controlLine = JSONLimits(
        documentBytesMax: 256 << 10, stringBytesMax: 256 << 10, valuesMax: 50_000, depthMax: 32)
    /// One message between runner and worker, its pieces together.
    package static let controlMessage = JSONLimits(
        documentBytesMax: 16 << 20, stringBytesMax: 1 << 20, valuesMax: 4_000_000, depthMax: 32)
    /// A report that is read back for a comparison: what is written has 16 MiB at most, what older
    /// versions wrote may have more.
    package static let report = JSONLimits(
        documentBytesMax: 256 << 20, stringBytesMax: 1 << 20, valuesMax: 16_000_000, depthMax: 32)
}
